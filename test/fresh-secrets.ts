/**
 * Runs before every test file. Files share a process and with it the modules, because to load them anew for each costs
 * more than most files take. The one thing that a module learns from a test is what is secret, so each file starts with a
 * redactor that knows nothing: else a password of one test would hide a word from another, or hide that the other leaks it.
 */
import { Redactor, redactor } from '../src/http/redact.ts';

const fresh = new Redactor();

redactor.register = (value) => fresh.register(value);
redactor.text = (text) => fresh.text(text);
