"""What differs between two descriptions, and whether it breaks who calls.

What a caller sends may be more than before, never less; what is answered may be less than before, never more: a value
that a caller never had to expect breaks it as surely as one that is missing. The kinds follow what the established
comparers of descriptions count (oasdiff's list of checks), with three rules of our own: an unknown parameter is refused
here, so that taking one away breaks its callers; a code list may grow, as the policy says, and not shrink; and what was
announced as going away may go on its day.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from .changelog import EVERYTHING

BREAKS = {
    "address-removed": "the address is gone",
    "method-removed": "the method is gone",
    "call-renamed": "its operationId has changed, by which generated clients call it",
    "parameter-removed": "the parameter is gone, and sending it is refused",
    "parameter-required": "the parameter is needed now",
    "default-changed": "leaving it out means something else",
    "body-required": "a body is needed now",
    "body-removed": "no body is taken any more",
    "body-media-removed": "the kind of body is not taken any more",
    "security-tightened": "a way to sign in is gone, or asks for more",
    "scheme-changed": "credentials are sent in another way",
    "status-removed": "the status is answered no more",
    "media-removed": "the format is answered no more",
    "header-removed": "the header is sent no more",
    "sent-type-narrowed": "fewer types are taken",
    "sent-codes-narrowed": "fewer values are taken",
    "sent-format-narrowed": "another format is asked for",
    "sent-bounds-narrowed": "the bounds are narrower",
    "sent-field-removed": "the field is taken no more",
    "sent-field-required": "the field is needed now",
    "sent-union-narrowed": "one of several forms is taken no more",
    "told-type-changed": "another type is told",
    "told-null": "it may be null now",
    "told-codes-removed": "a code that was promised is gone",
    "told-codes-opened": "it was one of a list of codes and may be anything now",
    "told-format-changed": "another format is told",
    "told-bounds-loosened": "the bounds are wider",
    "told-field-removed": "the field is gone",
    "told-field-optional": "the field may be left out now",
    "told-union-widened": "it may have a form that it never had",
    "sunset-earlier": "what is going away goes earlier than was said",
}
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
EXACT = ("pattern", "multipleOf", "uniqueItems", "const")
SENT, TOLD = "sent", "told"


@dataclass(frozen=True)
class Change:
    """`kind`: one of BREAKS, or "added", "changed" or "removed-as-announced", which break nobody."""

    kind: str
    of: str  # the resource
    where: str

    @property
    def breaks(self) -> bool:
        return self.kind in BREAKS

    def __str__(self) -> str:
        return f"{self.where}: {BREAKS.get(self.kind, self.kind.replace('-', ' '))} [{self.kind}]"


def compare(promised: dict[str, Any], served: dict[str, Any], on: date) -> list[Change]:
    """Everything that differs, each once. `on`: the day by which what was announced may be gone."""
    return list(dict.fromkeys(_Comparison(promised, served, on).changes()))


class _Comparison:
    def __init__(self, promised: dict[str, Any], served: dict[str, Any], on: date) -> None:
        self.promised, self.served, self.on = promised, served, on
        self.of = self.address = ""

    def changes(self) -> Iterator[Change]:
        before, now = (each["components"].get("securitySchemes", {}) for each in (self.promised, self.served))
        for name in before:
            if name in now and before[name] != now[name]:
                yield Change("scheme-changed", EVERYTHING, f"sign-in by {name}")
        for address, operations in self.promised["paths"].items():
            self.address = address
            served = self.served["paths"].get(address)
            self.of = next(iter(operations.values()))["tags"][0]
            if served is None:
                leaving = all(self._announced(operation) for operation in operations.values())
                yield self._change("removed-as-announced" if leaving else "address-removed")
                continue
            for method, operation in operations.items():
                if method in served:
                    yield from self._operation(method.upper(), operation, served[method])
                else:
                    yield self._gone("method-removed", operation, method.upper())
            for method in served.keys() - operations.keys():
                yield self._change("added", method.upper())
        yield from self._webhooks(self.promised.get("webhooks", {}), self.served.get("webhooks", {}))
        for address in self.served["paths"].keys() - self.promised["paths"].keys():
            self.address, self.of = address, next(iter(self.served["paths"][address].values()))["tags"][0]
            yield self._change("added")

    def _webhooks(self, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        """What the service sends of itself: its bodies are told, not asked."""
        self.of = "webhooks"
        for name, operations in was.items():
            self.address = f"webhook {name}"
            if name not in now:
                yield self._change("address-removed")
                continue
            for method, operation in operations.items():
                after = now[name].get(method, {}).get("requestBody", {}).get("content", {})
                for media, content in operation.get("requestBody", {}).get("content", {}).items():
                    if media in after:
                        yield from self._schema(TOLD, media, content.get("schema", {}), after[media].get("schema", {}))
                    else:
                        yield self._change("media-removed", media)
        for name in now.keys() - was.keys():
            self.address = f"webhook {name}"
            yield self._change("added")

    def _change(self, kind: str, *where: str) -> Change:
        return Change(kind, self.of, " ".join(filter(None, (self.address, *where))))

    def _gone(self, kind: str, was: dict[str, Any], *where: str) -> Change:
        return self._change("removed-as-announced" if self._announced(was) else kind, *where)

    def _announced(self, was: dict[str, Any]) -> bool:
        return bool(was.get("x-sunset")) and date.fromisoformat(was["x-sunset"]) <= self.on

    def _operation(self, method: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        if was.get("operationId") != now.get("operationId"):
            yield self._change("call-renamed", method, str(was.get("operationId")))
        yield from self._lifecycle(was, now, method)
        yield from self._security(method, was, now)
        yield from self._parameters(method, was.get("parameters", []), now.get("parameters", []))
        yield from self._body(method, was.get("requestBody"), now.get("requestBody"))
        for status, answer in was["responses"].items():
            if status in now["responses"]:
                yield from self._answer(f"{method} {status}", answer, now["responses"][status])
            else:
                yield self._change("status-removed", method, status)
        for status in now["responses"].keys() - was["responses"].keys():
            yield self._change("added", method, status)

    def _lifecycle(self, was: dict[str, Any], now: dict[str, Any], *where: str) -> Iterator[Change]:
        before, after = was.get("x-sunset"), now.get("x-sunset")
        if before and after and after < before:
            yield self._change("sunset-earlier", *where)
        elif before != after:
            yield self._change("changed", *where, "x-sunset")

    def _security(self, method: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        before, after = was.get("security", []), now.get("security", [])
        if (not before and after) or any(each not in after for each in before):
            yield self._change("security-tightened", method)
        elif before != after:
            yield self._change("added", method, "a way to sign in")

    def _parameters(self, method: str, was: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Change]:
        before, after = ({(each["in"], each["name"]): each for each in told} for told in (was, now))
        for key, old in before.items():
            where = (method, "parameter", key[1])
            new = after.get(key)
            if new is None:
                yield self._gone("parameter-removed", old, *where)
                continue
            if new.get("required") and not old.get("required"):
                yield self._change("parameter-required", *where)
            if old.get("required") and not new.get("required"):
                yield self._change("changed", *where, "is no longer needed")
            yield from self._lifecycle(old, new, *where)
            yield from self._schema(SENT, " ".join(where), old["schema"], new["schema"])
        for key in after.keys() - before.keys():
            yield self._change("parameter-required" if after[key].get("required") else "added",
                               method, "parameter", key[1])  # fmt: skip

    def _body(self, method: str, was: dict[str, Any] | None, now: dict[str, Any] | None) -> Iterator[Change]:
        if now is None:
            if was is not None:
                yield self._change("body-removed", method)
            return
        if now.get("required") and not (was or {}).get("required"):
            yield self._change("body-required", method)
        elif was is None:
            yield self._change("added", method, "a body")
        for media, content in (was or {"content": {}})["content"].items():
            if media in now["content"]:
                where = f"{method} body {media}"
                new = now["content"][media]
                yield from self._schema(SENT, where, content.get("schema", {}), new.get("schema", {}))
            else:
                yield self._change("body-media-removed", method, media)
        if was is not None:
            for media in now["content"].keys() - was["content"].keys():
                yield self._change("added", method, "body", media)

    def _answer(self, where: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        for name, header in was.get("headers", {}).items():
            if name not in now.get("headers", {}):
                yield self._change("header-removed", where, name)
            else:
                yield from self._schema(TOLD, f"{where} header {name}", header.get("schema", {}),
                                        now["headers"][name].get("schema", {}))  # fmt: skip
        for name in now.get("headers", {}).keys() - was.get("headers", {}).keys():
            yield self._change("added", where, "header", name)
        before, after = was.get("content", {}), now.get("content", {})
        for media, content in before.items():
            if media in after:
                old, new = (each.get("schema", {}) for each in (content, after[media]))
                yield from self._schema(TOLD, f"{where} {media}", old, new)
            else:
                yield self._change("media-removed", where, media)
        for media in after.keys() - before.keys():
            yield self._change("added", where, media)

    def _schema(
        self, way: str, where: str, was: dict[str, Any], now: dict[str, Any], seen: tuple[Any, ...] = ()
    ) -> Iterator[Change]:
        pair = (was.get("$ref"), now.get("$ref"))
        if pair[0] and pair in seen:
            return  # a thing inside itself
        seen = (*seen, pair)
        was, now = _resolved(was, self.promised), _resolved(now, self.served)
        if was == now and "$ref" not in json.dumps(was):
            return
        yield from self._lifecycle(was, now, where)
        yield from self._types(way, where, was, now)
        yield from self._codes(way, where, was, now)
        yield from self._bounds(way, where, was, now)
        if was.get("default") != now.get("default") and way == SENT:
            yield self._change("default-changed", where)
        yield from self._union(way, where, was, now, seen)
        yield from self._fields(way, where, was, now, seen)
        if "items" in was and "items" in now:
            yield from self._schema(way, f"{where}[]", was["items"], now["items"], seen)
        for several in ("additionalProperties", "propertyNames"):
            old, new = was.get(several, True), now.get(several, True)
            if isinstance(old, dict) and isinstance(new, dict):
                yield from self._schema(way, f"{where}{{}}", old, new, seen)
            elif old != new:
                narrower = new is False or isinstance(new, dict)
                kind = "sent-field-removed" if way == SENT and narrower else "changed"
                yield self._change(kind, where, several)

    def _types(self, way: str, where: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        before, after = _types_of(was), _types_of(now)
        if way == SENT and not _within(before, after):
            yield self._change("sent-type-narrowed", where)
        elif way == TOLD and not _within(after - {"null"}, before - {"null"}):
            yield self._change("told-type-changed", where)
        elif way == TOLD and "null" in after - before:
            yield self._change("told-null", where)
        elif before != after:
            yield self._change("changed", where, "type")
        formats = was.get("format"), now.get("format")
        media = [[each.get(key) for key in ("contentMediaType", "contentEncoding")] for each in (was, now)]
        if formats[0] == formats[1] and media[0] == media[1]:
            return
        # A text of any kind takes every format; a format that is told may be made plainer for nobody.
        harmless = (way == SENT and formats[1] is None) or (way == TOLD and formats[0] is None)
        kind = {SENT: "sent-format-narrowed", TOLD: "told-format-changed"}[way]
        yield self._change("changed" if harmless and media[0] == media[1] else kind, where, f"{formats[0]}")

    def _codes(self, way: str, where: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        before, after = was.get("enum"), now.get("enum")
        if before is None and after is None:
            return
        if way == TOLD:
            if after is None:
                yield self._change("told-codes-opened", where)
            elif before is None:
                yield self._change("changed", where, "is one of a list of codes")
            else:
                for code in (each for each in before if each not in after and each is not None):
                    yield self._change("told-codes-removed", where, repr(code))
                for code in (each for each in after if each not in before and each is not None):
                    yield self._change("added", where, f"code {code!r}")
            return
        if before is None or (after is not None and any(each not in after for each in before)):
            yield self._change("sent-codes-narrowed", where)
        elif before != after:
            yield self._change("added", where, "codes")

    def _bounds(self, way: str, where: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
        kind = {SENT: "sent-bounds-narrowed", TOLD: "told-bounds-loosened"}[way]
        first, second = (was, now) if way == SENT else (now, was)  # the second must not be narrower than the first
        for word in (*LOWER, *UPPER, *EXACT):
            if was.get(word) == now.get(word):
                continue
            narrower = second.get(word) is not None and (
                first.get(word) is None
                or word in EXACT
                or (second[word] > first[word] if word in LOWER else second[word] < first[word])
            )
            yield self._change(kind if narrower else "changed", where, word)

    def _union(
        self, way: str, where: str, was: dict[str, Any], now: dict[str, Any], seen: tuple[Any, ...]
    ) -> Iterator[Change]:
        for several in ("oneOf", "anyOf", "allOf"):
            before, after = (_by_name(each.get(several, ())) for each in (was, now))
            for name in before.keys() & after.keys():
                yield from self._schema(way, where, before[name], after[name], seen)
            if several == "allOf":
                continue
            if before and not after or before.keys() - after.keys():
                yield self._change("sent-union-narrowed" if way == SENT else "changed", where, several)
            if after and not before or after.keys() - before.keys():
                yield self._change("told-union-widened" if way == TOLD else "changed", where, several)

    def _fields(
        self, way: str, where: str, was: dict[str, Any], now: dict[str, Any], seen: tuple[Any, ...]
    ) -> Iterator[Change]:
        before, after = was.get("properties", {}), now.get("properties", {})
        needed, needed_now = set(was.get("required", ())), set(now.get("required", ()))
        for name, old in before.items():
            field = f"{where} {name}"
            if name not in after:
                yield self._gone(f"{way}-field-removed", old, field)
                continue
            if way == SENT and name in needed_now - needed:
                yield self._change("sent-field-required", field)
            elif way == TOLD and name in needed - needed_now:
                yield self._change("told-field-optional", field)
            elif (name in needed) != (name in needed_now):
                yield self._change("changed", field, "whether it is needed")
            yield from self._schema(way, field, old, after[name], seen)
        for name in after.keys() - before.keys():
            yield self._change("sent-field-required" if way == SENT and name in needed_now else "added",
                               f"{where} {name}")  # fmt: skip


def _resolved(told: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in told:
        told = described["components"]["schemas"][told["$ref"].rpartition("/")[2]]
    return told


def _types_of(told: dict[str, Any]) -> set[str]:
    """None said: any. Whole numbers are numbers too."""
    kinds = told.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _within(some: set[str], more: set[str]) -> bool:
    return not more or (bool(some) and all(kind in more or (kind == "integer" and "number" in more) for kind in some))


def _by_name(several: Any) -> dict[str, dict[str, Any]]:
    return {each.get("$ref", f"{position}"): each for position, each in enumerate(several)}
