/** A test case of a report in JUnit's format, which most CI systems show. */
export interface JunitCase {
  readonly name: string;
  /** Absent for a passed test. */
  readonly failure?: { readonly type: string; readonly message: string; readonly text?: string };
}

/** A group of test cases. */
export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** Formats a report in JUnit's XML, as Jenkins, GitLab and GitHub's test reporters read it. */
export function formatJunit(suites: readonly JunitSuite[]): string {
  const count = (cases: readonly JunitCase[]) =>
    `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure !== undefined).length}"`;
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="topicsmith" ${count(all)}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escape(name)}" ${count(cases)}>`,
      ...cases.flatMap((one) => formatCase(one, name)),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

function formatCase({ name, failure }: JunitCase, suite: string): readonly string[] {
  const start = `    <testcase classname="${escape(suite)}" name="${escape(name)}"`;
  if (failure === undefined) return [`${start}/>`];
  const { type, message, text = "" } = failure;
  return [
    `${start}>`,
    `      <failure type="${escape(type)}" message="${escape(message)}">${escape(text)}</failure>`,
    "    </testcase>",
  ];
}

/** Escapes a text for XML 1.0, in which most control characters cannot be written at all. */
function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/(?![\t\n])[\p{Cc}\ufffe\uffff]|\p{Cs}/gu, "\ufffd");
}
