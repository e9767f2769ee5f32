{{ patent_documents('uspto_patents') }}
