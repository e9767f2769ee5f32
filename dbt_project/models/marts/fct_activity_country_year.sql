{{ activity_of('year') }}
