from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('quality', '0005_voice_and_contracts'),
    ]

    operations = [
        migrations.AlterModelOptions(name='kpicheck', options={'verbose_name': 'check of a KPI return'}),
        migrations.AlterModelOptions(name='kpireturn', options={'verbose_name': 'KPI return'}),
        migrations.AddField(
            model_name='remindersetting',
            name='kpis',
            field=models.TextField(choices=[('daily', 'Every day'), ('weekly', 'On Mondays'), ('off', 'Never')], default='daily'),
        ),
    ]
