"""The addresses under /accounts/: signing in (django-allauth's), one's own account, people, keys, roles.

Of allauth only what is named here is reached; every page of it has its own template in the kernel.
"""

from allauth.account import views as sign_in
from django.urls import include, path, re_path

from . import accounts, keys, named_roles, people, roles, sftp, webhook_change, webhooks

urlpatterns = [
    path("accounts/", accounts.account, name="account"),
    path("accounts/invitations/<str:secret>/", accounts.invitation, name="invitation"),
    path("accounts/people/", people.people, name="people"),
    path("accounts/people/invite/", people.invite, name="invite"),
    path("accounts/people/invitations/<uuid:uuid>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("accounts/people/<uuid:uuid>/", people.person, name="person"),
    path("accounts/people/<uuid:uuid>/<str:what>/", people.change, name="change_person"),
    path("accounts/keys/", keys.keys, name="keys"),
    path("accounts/keys/make/", keys.make, name="make_key"),
    path("accounts/keys/<uuid:uuid>/replace/", keys.replace, name="replace_key"),
    path("accounts/keys/<uuid:uuid>/revoke/", keys.revoke, name="revoke_key"),
    path("accounts/webhooks/", webhooks.webhooks, name="webhooks"),
    path("accounts/webhooks/receiving/", webhooks.receiving, name="webhook-receiving"),
    path("accounts/webhooks/make/", webhook_change.make, name="webhook-make"),
    path("accounts/webhooks/<uuid:uuid>/", webhooks.webhook, name="webhook"),
    path("accounts/webhooks/<uuid:uuid>/secret/", webhook_change.rotate, name="webhook-secret"),
    path("accounts/webhooks/<uuid:uuid>/again/", webhook_change.again, name="webhook-again"),
    path("accounts/webhooks/<uuid:uuid>/again/<uuid:delivery>/", webhook_change.again_one, name="webhook-again-one"),
    path("accounts/webhooks/<uuid:uuid>/<str:what>/", webhook_change.change, name="webhook-change"),
    path("accounts/sftp/", sftp.targets, name="sftp"),
    path("accounts/sftp/add/", sftp.add, name="sftp-add"),
    path("accounts/sftp/<uuid:uuid>/remove/", sftp.remove, name="sftp-remove"),
    path("accounts/named-roles/", named_roles.named_roles, name="named-roles"),
    path("accounts/named-roles/new/", named_roles.named_role_new, name="named-role-new"),
    path("accounts/named-roles/<uuid:uuid>/remove/", named_roles.named_role_remove, name="named-role-remove"),
    path("accounts/roles/", roles.roles, name="roles"),
    path("accounts/login/", sign_in.login, name="account_login"),
    path("accounts/logout/", sign_in.logout, name="account_logout"),
    path("accounts/inactive/", sign_in.account_inactive, name="account_inactive"),
    path("accounts/signup/", sign_in.signup, name="account_signup"),
    path("accounts/reauthenticate/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", sign_in.password_change, name="account_change_password"),
    path("accounts/password/set/", sign_in.password_set, name="account_set_password"),
    path("accounts/password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", sign_in.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/done/",
        sign_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]
