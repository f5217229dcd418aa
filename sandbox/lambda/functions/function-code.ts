import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';
import { AwsError } from '../../core/aws-error';
import { CFN_RESPONSE } from './cfn-response';

/** The code of a function, laid out in a folder from which workers load it. */
export interface FunctionCode {
  readonly folder: string;
  readonly sizeInBytes: number;
  /** Base64, as Lambda gives it. */
  readonly sha256: string;
}

/** The module that Lambda provides to inline code only. */
const INLINE_MODULES = { 'node_modules/cfn-response.js': CFN_RESPONSE };

/** Folders with the code of functions; the same code has one folder. */
export class CodeStore {
  private readonly codes = new Map<string, FunctionCode>();

  constructor(private readonly root: string) {
    mkdirSync(root, { recursive: true });
    // one above it, of another kind of module, must not decide how the functions are read
    writeFileSync(join(root, 'package.json'), '{}');
  }

  /** A zip archive, or the source text of `index.js`, as CloudFormation's `ZipFile` has it. */
  public add(code: Uint8Array | string): FunctionCode {
    const bytes = Buffer.from(code as string);
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const known = this.codes.get(sha256);
    if (known) return known;
    const folder = join(this.root, String(this.codes.size + 1));
    for (const [name, content] of Object.entries(typeof code === 'string' ? { 'index.js': bytes, ...INLINE_MODULES } : unzip(bytes))) {
      if (name.endsWith('/') || normalize(name).startsWith('..')) continue;
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    const added = { folder, sizeInBytes: bytes.length, sha256 };
    this.codes.set(sha256, added);
    return added;
  }
}

function unzip(archive: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(archive);
  } catch {
    throw new AwsError('InvalidParameterValueException', 'Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
}
