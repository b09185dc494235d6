// What every screen is built with: Preact, hooks, signals, and tagged templates in place of a build step.
export { h, render, Component, Fragment, createContext, cloneElement } from "../vendor/preact.js";
export { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useId, useContext } from "../vendor/hooks.js";
export { signal, computed, effect, batch, useSignal, useComputed, useSignalEffect } from "../vendor/signals.js";
import { h } from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export const html = htm.bind(h);

/** Joins class names, leaving out what is false. */
export const cls = (...names) => names.filter(Boolean).join(" ");
