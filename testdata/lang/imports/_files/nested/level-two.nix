{ value = baseNameOf ./.; file = __curPos.file; }
