import type { Language } from "../../config/language/language.ts";
import { type StoreText, storeText } from "../../config/language/store.ts";
import { type ErrorCode, type ErrorFields, RackwatchError } from "../../drivers/errors.ts";

interface Said {
  readonly message: string;
  readonly todo?: string | undefined;
}

/** An error of the store in each language: it speaks English, until somebody asks otherwise. */
export class StoreError extends RackwatchError {
  readonly #words: (text: StoreText) => Said;

  constructor(
    code: ErrorCode,
    words: (text: StoreText) => Said,
    fields: Omit<ErrorFields, "todo"> = {},
  ) {
    const { message, todo } = words(storeText.en);
    super(code, message, { ...fields, ...(todo !== undefined && { todo }) });
    this.#words = words;
  }

  said(language: Language): Said {
    return this.#words(storeText[language]);
  }
}

/** What an error says, in the language where it has it. */
export function saidIn(error: RackwatchError, language: Language): Said {
  return error instanceof StoreError ? error.said(language) : error;
}
