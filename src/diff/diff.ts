import type { ApiModel } from "../model/index.js";
import { changeOf, sortChanges, type Change, type Side } from "./change.js";
import { compareApis, compareExtensions, compareTypes } from "./compare-api.js";
import { compareProtocols } from "./compare-protocol.js";
import { Comparison } from "./comparison.js";
import { adviseVersion, type VersionAdvice } from "./version.js";

/** The settings of {@link diff}. */
export interface DiffOptions {
  /**
   * The programs whose breakage counts. `device`: devices of the old version, when the platform takes the new one. `platform`:
   * platforms of the old version, when devices take the new one. `both`: either of them. Default: `device`.
   */
  readonly side?: Side;
}

/** A version of an API in a comparison. */
export interface ComparedApi {
  readonly name: string;
  readonly title: string;
  readonly version: string;
}

/** The differences between two versions of an API. */
export interface ApiDiff {
  readonly old: ComparedApi;
  readonly new: ComparedApi;
  readonly side: Side;
  /** The most severe ones first. */
  readonly changes: readonly Change[];
  readonly version: VersionAdvice;
}

/**
 * Compares two versions of an API: what a device or a platform of the old version meets in the new one. Schemas are compared by
 * values that only one of them accepts, which both validators have judged, or by a proof that there are none.
 *
 * Needs neither a disk nor Node, and gives the same result each time.
 */
export function diff(oldApi: ApiModel, newApi: ApiModel, { side = "device" }: DiffOptions = {}): ApiDiff {
  const comparison = new Comparison(oldApi, newApi);
  compareApis(comparison);
  compareProtocols(comparison);
  compareExtensions(comparison);
  compareTypes(comparison);
  const changes = sortChanges(comparison.findings.map((finding) => changeOf(finding, side)));
  return {
    old: about(oldApi),
    new: about(newApi),
    side,
    changes,
    version: adviseVersion(oldApi.version, newApi.version, changes),
  };
}

function about({ name, title, version }: ApiModel): ComparedApi {
  return { name, title, version };
}
