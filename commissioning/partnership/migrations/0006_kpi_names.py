from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('partnership', '0005_kpis_and_statements'),
    ]

    operations = [
        migrations.AlterModelOptions(name='kpi', options={'ordering': ['code', 'number'], 'verbose_name': 'KPI'}),
        migrations.AlterModelOptions(name='lotkpi', options={'verbose_name': 'expectation of a KPI'}),
    ]
