"""Where a census says that a child lives: its list of host authorities, with the districts counted to each."""

# One authority a line; after the colon the other names that the census knows it by.
_LIST = """
Barking and Dagenham
Barnet
Barnsley
Bath and North East Somerset
Bedford
Bexley
Birmingham
Blackburn with Darwen
Blackpool
Blaenau Gwent
Bolton
Bournemouth, Christchurch and Poole
Bracknell Forest
Bradford
Brent
Bridgend
Brighton and Hove
Bristol, City of
Bromley
Buckinghamshire
Bury
Caerphilly
Calderdale
Cambridgeshire: Cambridge; East Cambridgeshire; Fenland; Huntingdonshire; South Cambridgeshire
Camden
Cardiff
Carmarthenshire
Central Bedfordshire
Ceredigion
Cheshire East
Cheshire West and Chester
City of London
Conwy
Cornwall
County Durham
Coventry
Croydon
Cumbria: Allerdale; Barrow-in-Furness; Carlisle; Copeland; Eden; South Lakeland
Darlington
Denbighshire
Derby
Derbyshire: Amber Valley; Bolsover; Chesterfield; Derbyshire Dales; Erewash; High Peak; North East Derbyshire; South
  Derbyshire
Devon: East Devon; Exeter; Mid Devon; North Devon; South Hams; Teignbridge; Torridge; West Devon
Doncaster
Dorset
Dudley
Ealing
East Riding of Yorkshire
East Sussex: Eastbourne; Hastings; Lewes; Rother; Wealden
Enfield
Essex: Maldon; Rochford; Tendring; Uttlesford; Basildon; Braintree; Brentwood; Castle Point; Chelmsford; Colchester;
  Epping Forest; Harlow
Flintshire
Gateshead
Gloucestershire: Cheltenham; Cotswold; Forest of Dean; Gloucester; Stroud; Tewkesbury
Greenwich
Gwynedd
Hackney
Halton
Hammersmith and Fulham
Hampshire: Basingstoke and Deane; East Hampshire; Eastleigh; Fareham; Gosport; Hart; Havant; New Forest; Rushmoor;
  Test Valley; Winchester
Haringey
Harrow
Hartlepool
Havering
Herefordshire, County of
Hertfordshire: Broxbourne; Dacorum; Hertsmere; North Hertfordshire; Three Rivers; Watford; St Albans; Welwyn Hatfield;
  East Hertfordshire; Stevenage
Hillingdon
Hounslow
Isle of Anglesey
Isle of Wight
Isles of Scilly
Islington
Kensington and Chelsea
Kent: Ashford; Canterbury; Dartford; Dover; Gravesham; Maidstone; Sevenoaks; Folkestone and Hythe; Swale; Thanet;
  Tonbridge and Malling; Tunbridge Wells
Kingston upon Hull, City of
Kingston upon Thames
Kirklees
Knowsley
Lambeth
Lancashire: Burnley; Chorley; Fylde; Hyndburn; Lancaster; Pendle; Preston; Ribble Valley; Rossendale; South Ribble;
  West Lancashire; Wyre
Leeds: Leeds
Leicester: Leicester
Leicestershire: Blaby; Charnwood; Harborough; Hinckley and Bosworth; Melton; North West Leicestershire; Oadby and
  Wigston
Lewisham
Lincolnshire: Boston; East Lindsey; Lincoln; North Kesteven; South Holland; South Kesteven; West Lindsey
Liverpool
Luton
Manchester
Medway
Merthyr Tydfil
Merton
Middlesbrough
Milton Keynes
Monmouthshire
Neath Port Talbot
Newcastle upon Tyne
Newham
Newport
Norfolk: Breckland; Broadland; Great Yarmouth; King's Lynn and West Norfolk; North Norfolk; Norwich; South Norfolk
North East Lincolnshire
North Lincolnshire
North Northamptonshire
North Somerset
North Tyneside
North Yorkshire: Craven; Hambleton; Harrogate; Richmondshire; Ryedale; Scarborough; Selby
Northumberland
Nottingham
Nottinghamshire: Ashfield; Bassetlaw; Broxtowe; Gedling; Mansfield; Newark and Sherwood; Rushcliffe
Oldham
Oxfordshire: Cherwell; Oxford; South Oxfordshire; Vale of White Horse; West Oxfordshire
Pembrokeshire
Peterborough
Plymouth
Portsmouth
Powys
Reading
Redbridge
Redcar and Cleveland
Rhondda Cynon Taf
Richmond upon Thames
Rochdale
Rotherham
Rutland
Salford
Sandwell
Sefton
Sheffield
Shropshire
Slough
Solihull
Somerset: Mendip; Sedgemoor; South Somerset; Somerset West and Taunton
South Gloucestershire
South Tyneside
Southampton
Southend-on-Sea
Southwark
St. Helens
Staffordshire: Cannock Chase; East Staffordshire; Lichfield; Newcastle-under-Lyme; South Staffordshire; Stafford;
  Staffordshire Moorlands; Tamworth
Stockport
Stockton-on-Tees
Stoke-on-Trent
Suffolk: Babergh; Ipswich; Mid Suffolk; East Suffolk; West Suffolk
Sunderland
Surrey: Surrey; Elmbridge; Epsom and Ewell; Guildford; Mole Valley; Reigate and Banstead; Runnymede; Spelthorne;
  Surrey Heath; Tandridge; Waverley; Woking
Sutton
Swansea
Swindon
Tameside
Telford and Wrekin
Thurrock
Torbay
Torfaen
Tower Hamlets
Trafford
Vale of Glamorgan
Wakefield
Walsall
Waltham Forest
Wandsworth
Warrington
Warwickshire: Warwickshire; North Warwickshire; Nuneaton and Bedworth; Rugby; Stratford-on-Avon; Warwick
West Berkshire
West Northamptonshire
West Sussex: West Sussex; Adur; Arun; Chichester; Crawley; Horsham; Mid Sussex; Worthing
Westminster
Wigan
Wiltshire
Windsor and Maidenhead
Wirral
Wokingham
Wolverhampton
Worcestershire: Worcestershire; Bromsgrove; Malvern Hills; Redditch; Worcester; Wychavon; Wyre Forest
Wrexham
York
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in text.replace("\n  ", " ").strip().splitlines():
        code, _, others = line.partition(": ")
        found[code] = tuple(others.split("; ")) if others else ()
    return found


HOSTS = _read(_LIST)
WELSH = frozenset(
    """Blaenau Gwent; Bridgend; Caerphilly; Cardiff; Carmarthenshire; Ceredigion; Conwy; Denbighshire; Flintshire;
    Gwynedd; Isle of Anglesey; Merthyr Tydfil; Monmouthshire; Neath Port Talbot; Newport; Pembrokeshire; Powys;
    Rhondda Cynon Taf; Swansea; Torfaen; Vale of Glamorgan; Wrexham""".replace("\n   ", "").split("; ")
)
