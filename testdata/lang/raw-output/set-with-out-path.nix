# test: raw
{ outPath = "/o"; }
