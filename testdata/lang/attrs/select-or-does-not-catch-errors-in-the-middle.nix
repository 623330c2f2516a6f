{ a = throw "inside"; }.a.b or 1
