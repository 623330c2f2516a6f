"a${{ outPath = "/x"; }}/bin"
