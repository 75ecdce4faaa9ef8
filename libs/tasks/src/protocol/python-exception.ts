import type { PythonException } from './result-message.js';

/** An error as data, as far as it matters here. */
interface ErrorData {
  /** The name of its class. */
  type: string;
  message: string;
}

/**
 * Python's own exceptions that are made from one text. Not those outside of `Exception` (KeyboardInterrupt,
 * SystemExit ...), which would end the client.
 */
const BUILTINS = new Set([
  'Exception',
  'ArithmeticError',
  'AssertionError',
  'AttributeError',
  'BlockingIOError',
  'BrokenPipeError',
  'BufferError',
  'ChildProcessError',
  'ConnectionAbortedError',
  'ConnectionError',
  'ConnectionRefusedError',
  'ConnectionResetError',
  'EOFError',
  'FileExistsError',
  'FileNotFoundError',
  'FloatingPointError',
  'IOError',
  'ImportError',
  'IndexError',
  'InterruptedError',
  'IsADirectoryError',
  'KeyError',
  'LookupError',
  'MemoryError',
  'ModuleNotFoundError',
  'NameError',
  'NotADirectoryError',
  'NotImplementedError',
  'OSError',
  'OverflowError',
  'PermissionError',
  'ProcessLookupError',
  'RecursionError',
  'ReferenceError',
  'RuntimeError',
  'SyntaxError',
  'SystemError',
  'TimeoutError',
  'TypeError',
  'UnicodeError',
  'ValueError',
  'ZeroDivisionError',
]);

/** Celery's own, where a worker of Celery has them. */
const CELERY = new Map([
  ['SoftTimeLimitExceeded', 'billiard.exceptions'],
  ['TimeLimitExceeded', 'billiard.exceptions'],
  ['WorkerLostError', 'billiard.exceptions'],
  ['TaskRevokedError', 'celery.exceptions'],
]);

/**
 * The module of all other classes. Python has none of that name, and makes a subclass of Exception then; a client that
 * does have one gets its classes.
 */
const ELSEWHERE = 'celeriac';

/**
 * An error as a Python exception, found by the name of its class: an error with the name of an exception of Python's
 * (`TypeError`, `ValueError` ...) or Celery's is that one, so that `except ValueError` matches; any other is a class
 * of its name under `Exception`, made by the client.
 */
export function pythonException({ type, message }: ErrorData): PythonException {
  const module = BUILTINS.has(type) ? 'builtins' : (CELERY.get(type) ?? ELSEWHERE);
  return { exc_type: type, exc_message: [message], exc_module: module };
}
