export declare const hasOwn: (this: unknown, key: string) => boolean;
export declare function sameValue(a: unknown, b: unknown): boolean;
export interface EqualPair {
  readonly i: number;
  readonly j: number;
}
export declare function equalScalars(list: readonly unknown[]): EqualPair | undefined;
export declare function equalItems(list: readonly unknown[]): EqualPair | undefined;
export declare function errorsBelow<T extends { instancePath: string }>(path: string, errors: T[]): T[];
export declare function ucs2length(text: string): number;
export declare function isMultipleOf(value: number, divisor: number, scale: number, units: number): boolean;
