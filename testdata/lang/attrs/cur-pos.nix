[ __curPos.line __curPos.column (baseNameOf __curPos.file)
  (let p = __curPos; in p.line) ]
