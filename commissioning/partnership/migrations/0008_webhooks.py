import commissioning.kernel.models.base
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0007_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('name', models.TextField()),
                ('address', models.TextField()),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('secret', models.TextField()),
                ('older_secret', models.TextField(blank=True, default='')),
                ('older_until', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('paused_why', models.TextField(blank=True, default='')),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='partnership.authority')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ], options={"constraints": [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('authority', 'name'), name='webhook_named_once')]},
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('kind', models.TextField()),
                ('resource', models.TextField()),
                ('about', models.UUIDField()),
                ('occurred_at', models.DateTimeField()),
                ('spread_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('replay', models.IntegerField(default=0)),
                ('attempt', models.IntegerField(default=1)),
                ('due_at', models.DateTimeField()),
                ('state', models.TextField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed, tried again'), ('given_up', 'Given up'), ('gone', 'Receiver gone'), ('dropped', 'Not sent')], default='waiting')),
                ('at', models.DateTimeField(null=True)),
                ('status', models.IntegerField(null=True)),
                ('error', models.TextField(blank=True, default='')),
                ('told_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
                ('webhook', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='partnership.webhook')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partnership.webhookevent')),
            ],
            options={
                'verbose_name_plural': 'webhook deliveries',
            "constraints": [models.UniqueConstraint(fields=('authority', 'webhook', 'event', 'replay', 'attempt'), name='webhook_sent_once')]},
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(condition=models.Q(('spread_at', None)), fields=['id'], name='webhook_event_unspread'),
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(fields=['occurred_at'], name='webhook_event_by_day'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['authority', 'due_at'], name='webhook_due'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['webhook', '-id'], name='webhook_log'),
        ),
    ]
