
import commissioning.kernel.models.base
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0009_saved_views'),
    ]

    operations = [
        migrations.AlterField(
            model_name='scheduledexport',
            name='target',
            field=models.TextField(choices=[('link', 'A link by e-mail'), ('sftp', 'A server of your authority (SFTP)')], default='link'),
        ),
        migrations.CreateModel(
            name='SftpTarget',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(db_default=commissioning.kernel.models.base.NewId(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_xid', models.BigIntegerField(db_default=0, default=0, editable=False)),
                ('name', models.TextField()),
                ('host', models.TextField()),
                ('port', models.IntegerField(default=22)),
                ('user', models.TextField()),
                ('folder', models.TextField(blank=True, default='')),
                ('fingerprint', models.TextField()),
                ('by_key', models.BooleanField(default=False)),
                ('secret', models.TextField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ], options={"constraints": [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('authority', 'name'), name='sftp_target_named_once')]},
        ),
        migrations.AddField(
            model_name='scheduledexport',
            name='sftp',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='partnership.sftptarget'),
        ),
        migrations.AddConstraint(
            model_name='scheduledexport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sftp', None), ('target', 'link')), models.Q(('sftp__isnull', False), ('target', 'sftp')), _connector='OR'), name='export_goes_somewhere'),
        ),
    ]
