{{ named_in_texts('us_patents') }}
