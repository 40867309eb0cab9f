// Writes the tests' family of 128 schema files and its spec into a folder. Run with tsx.
import { chargingFamily, writeFamily } from "../../test/support/families.ts";

const [, , folder] = process.argv;
writeFamily(folder, chargingFamily());
