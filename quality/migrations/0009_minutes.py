import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import commissioning.kernel.models.base


# What is minuted of an item that the provider reads leaves the item's history, which it reads as well.
MOVE = """
    SELECT set_config('app.actor', 'service:migration', true);
    INSERT INTO quality_meetingminutes (authority_id, provider_id, to_provider, to_members, item_id, words)
    SELECT i.authority_id, i.provider_id, i.to_provider AND m.state = 'minuted', i.to_members, i.id, i.minutes
    FROM quality_meetingitem AS i JOIN quality_contractmeeting AS m ON m.id = i.meeting_id WHERE i.minutes <> '';
    SELECT audit.redact('quality_meetingitem', i.uuid, ARRAY['minutes'], 'minutes have a row of their own')
    FROM quality_meetingitem AS i WHERE i.minutes <> '' AND i.to_provider
"""


def move(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM quality_meetingitem WHERE minutes <> '')")
        if cursor.fetchone()[0]:
            cursor.execute(MOVE)


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0006_kpi_names'),
        ('providers', '0002_quality_floor'),
        ('quality', '0008_contract_kpis'),
    ]

    operations = [
        migrations.CreateModel(
            name='MeetingMinutes',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('to_provider', models.BooleanField(default=False)),
                ('to_members', models.BooleanField(default=False)),
                ('words', models.TextField(blank=True, default='')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
                ('item', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='minutes', to='quality.meetingitem')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='providers.provider')),
            ],
            options={
                'verbose_name': 'minutes',
                'verbose_name_plural': 'minutes',
                'constraints': [models.UniqueConstraint(fields=('item',), name='meeting_minutes_once')],
            },
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='meetingitem',
            name='minutes',
        ),
    ]
