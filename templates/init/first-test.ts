import { startMock } from "topicsmith/mock";
import { expect, test } from "vitest";
import { connect } from "{{import}}";

test("the kettle boils water", async () => {
  // A broker and a platform that respond with the examples of the spec.
  const mock = await startMock("{{spec}}");
  const client = await connect(mock.url);
  const kettle = client.endpoint("k1");

  expect(await kettle.water.boil({ celsius: 80 })).toEqual({ seconds: 140 });
  await kettle.water.level.send(0.5);

  await client.close();
  await mock.close();
});
