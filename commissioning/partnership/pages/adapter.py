"""allauth's questions, answered: who may sign up (only somebody invited), where to go, how messages are worded."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is not right. Check both and try again.",
        "too_many_login_attempts": "Too many wrong passwords for this address. Wait five minutes, then try again.",
        "enter_current_password": "Enter the password that you use now.",
        "incorrect_password": "That is not the password that you use now.",
        "rate_limited": "Too many wrong attempts. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/accounts/"

    def format_email_subject(self, subject: str) -> str:
        return f"{settings.PARTNERSHIP_NAME}: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix == "account/email/unknown_account":
            return  # a stranger's address gets no mail from us, whoever typed it in
        super().send_mail(template_prefix, email, {**context, "partnership_name": settings.PARTNERSHIP_NAME})


class SecondFactor(DefaultMFAAdapter):
    """settings.MFA_ADAPTER."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is not right. Codes change every half minute: enter the one that shows now.",
        "rate_limited": "Too many wrong codes. Wait five minutes, then try again.",
        "cannot_delete_authenticator": "Set up another second factor before you remove this one.",
    }

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        """What a passkey is called where the person gives it no name: "Passkey", "Passkey 2"."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"
