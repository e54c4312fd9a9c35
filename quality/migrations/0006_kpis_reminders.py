from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('quality', '0005_voice_and_contracts'),
    ]

    operations = [
        migrations.AddField(
            model_name='remindersetting',
            name='kpis',
            field=models.TextField(choices=[('daily', 'Every day'), ('weekly', 'On Mondays'), ('off', 'Never')], default='daily'),
        ),
    ]
