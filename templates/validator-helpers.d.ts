export declare const hasOwn: (this: unknown, key: string) => boolean;
export declare function sameValue(a: unknown, b: unknown): boolean;
export declare function errorsBelow<T extends { instancePath: string }>(path: string, errors: T[]): T[];
export declare function ucs2length(text: string): number;
export declare function isMultipleOf(value: number, divisor: number, scale: number, units: number): boolean;
