from django.db import migrations, models

# By the role that the maker has now, as it was read until here.
MARK = """
    SELECT set_config('app.actor', 'service:migration', true);
    UPDATE partnership_apikey AS k SET own = true FROM partnership_user AS p
    WHERE p.id = k.made_by_id AND p.role <> 'authority_administrator'
"""


def mark(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM partnership_apikey WHERE made_by_id IS NOT NULL)")
        if cursor.fetchone()[0]:
            cursor.execute(MARK)


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0010_sftp_targets'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='own',
            field=models.BooleanField(db_default=False, default=False, help_text="its maker's own; else a system's, which an administrator made"),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
