{{ patent_documents('us_patents') }}
