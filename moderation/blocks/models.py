"""What is blocked: e-mail domains, networks, and words."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Now


class EmailDomain(models.Model):
    """A domain whose e-mail addresses may not register, nor those of its subdomains."""

    id = models.BigAutoField(primary_key=True)
    domain = models.CharField(max_length=253)
    comment = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["EmailDomain"]] = models.Manager()

    class Meta:
        verbose_name = "blocked e-mail domain"
        constraints = [models.UniqueConstraint(Lower("domain"), name="email_domain_once")]

    def __str__(self) -> str:
        return self.domain


class Network(models.Model):
    """Addresses of clients that may not register, or may do nothing at all."""

    class Scope(models.TextChoices):
        """What is refused."""

        SIGN_UP = "sign_up", "No new accounts"
        ALL = "all", "No requests at all"

    id = models.BigAutoField(primary_key=True)
    network = models.CharField(
        max_length=50, unique=True, help_text="An address, or a network such as 192.0.2.0/24."
    )
    scope = models.CharField(max_length=7, choices=Scope.choices, default=Scope.SIGN_UP)
    comment = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Network"]] = models.Manager()

    class Meta:
        verbose_name = "blocked network"

    def __str__(self) -> str:
        return self.network


class Word(models.Model):
    """A word or phrase that people may not write."""

    class Severity(models.TextChoices):
        """What becomes of a tweet that has it."""

        REFUSE = "refuse", "Refuse the tweet"
        REPORT = "report", "Let it be posted, and report it"

    id = models.BigAutoField(primary_key=True)
    text = models.CharField(max_length=100, unique=True)
    whole_word = models.BooleanField(default=True, help_text="Not inside of longer words.")
    severity = models.CharField(
        max_length=6,
        choices=Severity.choices,
        default=Severity.REPORT,
        help_text="For tweets. In handles and names it is refused in any case.",
    )
    comment = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Word"]] = models.Manager()

    class Meta:
        verbose_name = "blocked word"

    def __str__(self) -> str:
        return self.text
