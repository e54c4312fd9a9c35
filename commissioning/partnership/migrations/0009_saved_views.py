
import commissioning.kernel.models.base
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0008_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('name', models.TextField()),
                ('resource', models.TextField()),
                ('query', models.TextField(blank=True, default='')),
                ('shared', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_views', to='partnership.authority')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
            ], options={"constraints": [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('authority', 'owner', 'name'), name='saved_view_named_once')]},
        ),
        migrations.CreateModel(
            name='ScheduledExport',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('format', models.TextField(choices=[('csv', 'csv, for a spreadsheet or most other programs'), ('xlsx', 'Excel workbook'), ('ndjson', 'ndjson, one row of JSON on each line'), ('parquet', 'parquet, for a data warehouse')])),
                ('every', models.TextField(choices=[('day', 'Every day'), ('weekday', 'Monday to Friday'), ('week', 'Once a week'), ('month', 'Once a month')])),
                ('hour', models.IntegerField()),
                ('weekday', models.IntegerField(blank=True, null=True)),
                ('day', models.IntegerField(blank=True, null=True)),
                ('target', models.TextField(choices=[('link', 'A link by e-mail')], default='link')),
                ('next_at', models.DateTimeField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('paused_why', models.TextField(blank=True, default='')),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('view', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='exports', to='partnership.savedview')),
            ], options={"constraints": [models.CheckConstraint(condition=models.Q(('hour__range', (0, 23)), models.Q(models.Q(('day', None), ('every__in', ('day', 'weekday')), ('weekday', None)), models.Q(('day', None), ('every', 'week'), ('weekday__range', (0, 6))), models.Q(('day__range', (1, 28)), ('every', 'month'), ('weekday', None)), _connector='OR')), name='export_schedule_is_whole')]},
        ),
        migrations.CreateModel(
            name='SentExport',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('due_at', models.DateTimeField()),
                ('name', models.TextField()),
                ('state', models.TextField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed'), ('refused', 'Not sent')], default='waiting')),
                ('attempt', models.IntegerField(default=0)),
                ('try_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('rows', models.BigIntegerField(null=True)),
                ('bytes', models.BigIntegerField(null=True)),
                ('role', models.TextField(blank=True, default='')),
                ('error', models.TextField(blank=True, default='')),
                ('stored_as', models.TextField(blank=True, default='')),
                ('expires_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
                ('export', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='sendings', to='partnership.scheduledexport')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ], options={"constraints": [models.UniqueConstraint(fields=('authority', 'export', 'due_at'), name='export_sent_once')]},
        ),
        migrations.AddIndex(
            model_name='scheduledexport',
            index=models.Index(condition=models.Q(('paused_at', None), ('removed_at', None)), fields=['authority', 'next_at'], name='export_due'),
        ),
        migrations.AddIndex(
            model_name='sentexport',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['authority', 'try_at'], name='export_waiting'),
        ),
        migrations.AddIndex(
            model_name='sentexport',
            index=models.Index(fields=['export', '-due_at'], name='export_log'),
        ),
    ]
