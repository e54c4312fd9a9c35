"""From which networks a key is taken: written as people write them, compared as the network sees them."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

MOST = 20
Network = IPv4Network | IPv6Network


def read_networks(given: str) -> list[Network]:
    """Addresses and networks parted by spaces, commas or lines, each once: "192.0.2.7 198.51.100.0/24".

    ValueError, with a sentence for the person, names one that is none, that is every address there is, or one too many.
    """
    found: list[Network] = []
    for word in given.replace(",", " ").replace(";", " ").split():
        try:
            network = ip_network(word)
        except ValueError as problem:
            hint = f" Did you mean {ip_network(word, strict=False)}?" if "host bits" in str(problem) else ""
            raise ValueError(f"{word[:60]!r} is no network: write 192.0.2.7 or 198.51.100.0/24.{hint}") from None
        if network.prefixlen == 0:
            raise ValueError(f"{word} is every address there is: leave the networks empty instead.")
        if network not in found:
            found.append(network)
    if len(found) > MOST:
        raise ValueError(f"A key is taken from {MOST} networks at most: name larger ones.")
    return found


def is_within(address: str, networks: str) -> bool:
    """Whether `address` lies in one of `networks` as kept (parted by spaces); none kept: any address does.

    An IPv4 address written as IPv6 (::ffff:192.0.2.7) is the IPv4 address. What is no address lies in no network.
    """
    if not networks:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    if isinstance(here, IPv6Address) and here.ipv4_mapped is not None:
        here = here.ipv4_mapped
    return any(here in ip_network(each) for each in networks.split())
