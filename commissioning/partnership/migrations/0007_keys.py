import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0006_kpi_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='networks',
            field=models.TextField(blank=True, db_default='', default='', help_text='networks it is taken from, separated by spaces; empty: any'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='partnership.apikey'),
        ),
        migrations.CreateModel(
            name='Calls',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('began_at', models.DateTimeField()),
                ('made', models.IntegerField()),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partnership.authority')),
                ('key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partnership.apikey')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('authority', 'key'), name='calls_counted_once', nulls_distinct=False)],
            },
        ),
        migrations.RunSQL(
            'ALTER TABLE partnership_calls SET UNLOGGED', 'ALTER TABLE partnership_calls SET LOGGED'
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('sent_as', models.TextField(help_text='the Idempotency-Key')),
                ('digest', models.TextField(help_text='of the method, the address and the body')),
                ('status', models.IntegerField(default=0, help_text='0 until the call is done')),
                ('headers', models.JSONField(default=dict)),
                ('body', models.TextField(default='')),
                ('kept_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnership.authority')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partnership.apikey')),
            ],
            options={
                'indexes': [models.Index(fields=['kept_at'], name='partnership_kept_at_803d7e_idx')],
                'constraints': [models.UniqueConstraint(fields=('authority', 'key', 'sent_as'), name='answer_kept_once'), models.CheckConstraint(condition=models.Q(('status', 0), ('status__range', (200, 299)), _connector='OR'), name='answer_of_what_was_done')],
            },
        ),
    ]
