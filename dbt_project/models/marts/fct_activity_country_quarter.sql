{{ activity_of('quarter') }}
