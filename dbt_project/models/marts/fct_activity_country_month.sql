{{ activity_of('month') }}
