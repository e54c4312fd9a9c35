"""`python -m api.lint`: the served description is valid OpenAPI 3.1, names every resource once, and breaks nothing that
was promised (breaking.py)."""

import os
import sys


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commissioning.settings")
    import django

    django.setup()


def main() -> int:
    set_up()
    from django.test import Client
    from openapi_spec_validator import OpenAPIV31SpecValidator

    from .breaking import broken
    from .lifecycle import faults
    from .urls import RESOURCES

    answer = Client(SERVER_NAME="localhost").get("/api/v1/schema/?format=json", secure=True)
    if answer.status_code != 200:
        print(f"The schema answered {answer.status_code}.", file=sys.stderr)
        return 1
    schema = answer.json()
    problems = [str(problem.message) for problem in OpenAPIV31SpecValidator(schema).iter_errors()]
    problems += [
        f"{each.name} is not described" for each in RESOURCES if f"/api/v1/{each.name}/" not in schema["paths"]
    ]
    problems += [*broken(schema), *faults(schema)]
    print("\n".join(problems) if problems else f"OpenAPI {schema['openapi']}: {len(schema['paths'])} paths, valid.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
