import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { PlatformBase } from "../platform/create-platform.js";
import type { MockOf } from "./mock.js";
import type { MockOptionsOf } from "./options.js";

/** A spec as data, with the files that it refers to. */
export interface SpecData {
  /** The root file's path. */
  readonly root: string;
  /** The data of the spec's files, by their paths relative to the folder of the root file. */
  readonly files: Readonly<Record<string, unknown>>;
}

/** The module of the mock. Not a literal where it is imported, because packages compile without topicsmith. */
const MOCK_MODULE: string = "topicsmith/mock";

/** The messages of Node, jest and vitest for a package that is not installed. */
const MISSING_PACKAGE = /^Cannot find (?:package|module) ['"]topicsmith(?:\/mock)?['"]/;

/**
 * Starts a mock of one API.
 *
 * @throws Error if the package topicsmith is not installed, and as its `startMock` does.
 */
export async function startMockOf<
  Running extends PlatformBase,
  Handlers,
  ResourceName extends string = string,
>(
  spec: SpecData,
  options?: MockOptionsOf<Handlers, ResourceName>,
): Promise<MockOf<Running, Handlers, ResourceName>> {
  const mock = await loadMock();
  return uncheckedCast(await mock.startMock(spec, options));
}

async function loadMock(): Promise<MockModule> {
  try {
    return uncheckedCast(await import(/* webpackIgnore: true */ /* @vite-ignore */ MOCK_MODULE));
  } catch (error) {
    if (!(error instanceof Error) || !MISSING_PACKAGE.test(error.message)) throw error;
    throw new Error("startMock needs the package topicsmith: npm install --save-dev topicsmith", {
      cause: error,
    });
  }
}

/** The part of `topicsmith/mock` that packages use. */
interface MockModule {
  startMock(spec: SpecData, options?: object): Promise<unknown>;
}
