import { assertEquals } from "@std/assert";
import { readAnswer } from "./supervise.ts";

Deno.test("readAnswer() tells answers to requests from other lines", () => {
  assertEquals(readAnswer('{"id":7,"result":{}}'), { id: 7, succeeded: true });
  assertEquals(readAnswer('{"id":-1.5e+30,"result":{}}'), { id: -1.5e30, succeeded: true });
  assertEquals(readAnswer('{"id":"a\\"b,","error":{}}'), { id: 'a"b,', succeeded: false });
  const others = [
    '{"id":null,"error":{}}',
    '{"id":undefined,"error":{}}',
    '{"id":1.2.3,"result":{}}',
    '{"id":"\\x","result":{}}',
    '{"call":1,"request":7,"primop":"f","args":[]}',
    "",
  ];
  for (const line of others) assertEquals(readAnswer(line), undefined, line);
});
