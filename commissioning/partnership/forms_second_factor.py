"""allauth's forms of the second factor, where they say in our words what is wanted."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm

SHOWN = "Enter the six digits that the app shows"
SHOWN_OR_RECOVERY = f"{SHOWN}, or a recovery code"


class SetUpApp(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = SHOWN


class SecondStep(AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = SHOWN_OR_RECOVERY


class SecondStepAgain(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = SHOWN_OR_RECOVERY
