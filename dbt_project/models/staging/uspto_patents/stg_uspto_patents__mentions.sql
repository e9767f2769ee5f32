{{ named_in_texts('uspto_patents') }}
