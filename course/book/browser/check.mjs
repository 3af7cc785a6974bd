// Opens every page of the built book in headless Chromium, as a reader would from a folder, and operates what can be
// operated. Usage: node check.mjs <folder of the built book> [folder for screenshots]
//
// Chromium is the one that $CHROMIUM names, or /usr/bin/chromium.

import { readFileSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const WEIGHT_LIMIT = 400 * 1024;
const THEMES = ["light", "dark"];
const [folder, screenshots] = process.argv.slice(2);
if (!folder) {
    console.error("usage: node check.mjs <folder of the built book> [folder for screenshots]");
    process.exit(2);
}
const root = path.resolve(folder);
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const problems = [];
const problem = (where, what) => problems.push(`${where}: ${what}`);
const expect = (where, truth, what) => { if (!truth) problem(where, what); };

const address = (page) => pathToFileURL(path.join(root, page)).href;

async function pagesOf(root) {
    const files = await readdir(root, { recursive: true });
    return files.filter((file) => file.endsWith(".html")).sort();
}

// A tab of its own, which hears of everything that goes wrong in it.
async function open(browser, page, { theme = "light", width = 1280, script = true, touch = false } = {}) {
    const tab = await browser.newPage();
    const loaded = new Set();
    const where = `${page} (${theme}, ${width} px)`;
    tab.on("console", (message) => {
        if (message.type() === "error") problem(where, `the console says: ${message.text()}`);
    });
    tab.on("pageerror", (error) => problem(where, `a script fails: ${error.message}`));
    tab.on("requestfailed", (request) => problem(where, `${request.url()} cannot be loaded`));
    tab.on("request", (request) => {
        const url = request.url();
        if (url.startsWith("file:")) loaded.add(fileURLToPath(url.replace(/[?#].*/, "")));
        else if (!url.startsWith("data:")) problem(where, `asks another machine: ${url}`);
    });
    await tab.setViewport({ width, height: 900, hasTouch: touch, isMobile: touch });
    await tab.setJavaScriptEnabled(script);
    await tab.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: theme },
        { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await tab.goto(address(page), { waitUntil: "load" });
    return { tab, where, loaded };
}

// What is folded is read too.
const unfold = (tab) =>
    tab.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));

async function axe(tab, where) {
    await tab.evaluate(axeSource);
    const { violations } = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const violation of violations) {
        for (const node of violation.nodes) {
            const why = node.failureSummary.split("\n").slice(1).join(" ").trim();
            problem(where, `axe, ${violation.id}: ${why}: ${node.target.join(" ")}\n    ${node.html.slice(0, 200)}`);
        }
    }
}

// What a first load of the page reads, without the search index.
function weigh(page, where, loaded) {
    const files = [...loaded].filter((file) => !path.basename(file).startsWith("searchindex"));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const kilobytes = Math.ceil(bytes / 1024);
    expect(where, bytes <= WEIGHT_LIMIT, `it weighs ${kilobytes} KB on first load`);
    return { page, kilobytes };
}

// Gives the page's weight.
async function checkPage(browser, page) {
    let weight;
    for (const theme of THEMES) {
        const { tab, where, loaded } = await open(browser, page, { theme });
        weight ??= weigh(page, where, loaded);
        const applied = await tab.evaluate(() => document.documentElement.classList.contains("light"));
        expect(where, applied === (theme === "light"), "the theme is not the reader's");
        await unfold(tab);
        await axe(tab, where);
        await tab.close();
    }
    const { tab, where } = await open(browser, page, { width: 320 });
    await unfold(tab);
    const width = await tab.evaluate(() => document.scrollingElement.scrollWidth);
    expect(where, width <= 320, `it is ${width} px wide`);
    if (screenshots) {
        await tab.screenshot({ path: path.join(screenshots, `${page.replaceAll(/[/\\]/g, "_")}.png`), fullPage: true });
    }
    await tab.close();
    return weight;
}

const textOf = (tab, selector) => tab.$eval(selector, (element) => element.innerText);

// What the slider shows has to be what the table under it says.
async function agrees(tab, where) {
    const [shown, row] = await tab.evaluate(() => {
        const section = document.querySelector("section.crashes");
        const title = section.querySelector(".crash-what").textContent.split(":")[0];
        const table = [...section.querySelectorAll("table")]
            .find((table) => table.querySelector("caption strong").textContent === title);
        const at = Number(section.querySelector("input[type=range]").value);
        const row = [...table.tBodies[0].rows[at].cells].map((cell) => cell.textContent);
        const values = [...section.querySelectorAll(".crash-card dd")].map((value) => value.textContent);
        const verdict = section.querySelector(".crash-verdict").textContent.slice(2);
        const cells = section.querySelectorAll(".crash-line .is-made").length;
        return [[...values, verdict, cells], [...row.slice(1), at]];
    });
    expect(where, JSON.stringify(shown) === JSON.stringify(row), `the slider shows ${shown}, and the table ${row}`);
}

async function checkSlider(browser, page) {
    const { tab, where } = await open(browser, page);
    const call = () => textOf(tab, ".crash-call");
    const range = "section.crashes input[type=range]";
    await agrees(tab, where);

    await tab.focus(range);
    await tab.keyboard.press("Home");
    expect(where, (await call()) === "Nothing happens to it.", "Home does not lead to the run without a crash");
    for (const at of [1, 2, 3]) {
        await tab.keyboard.press("ArrowRight");
        expect(where, (await call()).startsWith(`It dies after call ${at} of `), `an arrow does not lead to call ${at}`);
        await agrees(tab, where);
    }
    await tab.keyboard.press("End");
    await agrees(tab, where);

    const fifth = await tab.$(".crash-line span:nth-child(5)");
    await fifth.click();
    expect(where, (await call()).startsWith("It dies after call 5 of "), "a click on a call does not choose it");
    await agrees(tab, where);

    const before = await call();
    const box = await (await tab.$(range)).boundingBox();
    await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await tab.mouse.down();
    await tab.mouse.move(box.x + box.width - 10, box.y + box.height / 2, { steps: 5 });
    await tab.mouse.up();
    expect(where, (await call()) !== before, "the slider cannot be dragged");
    await agrees(tab, where);

    const titles = await tab.$$eval(".crash-choice label", (labels) => labels.map((label) => label.textContent));
    const radios = await tab.$$(".crash-choice input");
    const what = () => textOf(tab, ".crash-what");
    await radios[0].focus();
    await tab.keyboard.press("ArrowDown");
    expect(where, (await what()).startsWith(titles[1]), "keys do not choose another processor");
    await agrees(tab, where);
    const labels = await tab.$$(".crash-choice label");
    await labels[0].click();
    expect(where, (await what()).startsWith(titles[0]), "a click does not choose another processor");
    await agrees(tab, where);
    await tab.close();

    const touch = await open(browser, page, { width: 320, touch: true });
    const second = await touch.tab.$(".crash-line span:nth-child(2)");
    await second.tap();
    expect(where, (await textOf(touch.tab, ".crash-call")).startsWith("It dies after call 2 of "), "touch does not choose a call");
    await touch.tab.close();

    const plain = await open(browser, page, { script: false });
    const isSeen = await plain.tab.$eval("section.crashes table", (table) => table.checkVisibility());
    expect(plain.where, isSeen, "without a script there is no table of crashes");
    await plain.tab.close();
}

async function checkQuiz(browser, page) {
    for (const script of [true, false]) {
        const { tab, where } = await open(browser, page, { script });
        const seen = () => tab.$$eval("form.quiz .why", (all) => all.filter((why) => why.checkVisibility()).length);
        expect(where, (await seen()) === 0, "a quiz gives its answer away");
        const radio = await tab.$("form.quiz input");
        await radio.focus();
        await tab.keyboard.press("Space");
        expect(where, (await seen()) === 1, "a key does not answer a quiz");
        const label = await tab.$("form.quiz .choice:nth-of-type(2) label");
        await label.click();
        expect(where, (await seen()) === 1, "a click does not answer a quiz");
        const isSecond = await tab.$eval("form.quiz .choice:nth-of-type(2) .why", (why) => why.checkVisibility());
        expect(where, isSecond, "a click shows another choice's explanation");
        await tab.close();
    }
}

async function checkSearch(browser, words) {
    for (const word of words) {
        const { tab, where } = await open(browser, "index.html");
        await tab.keyboard.press("s");
        await tab.waitForFunction(() => document.activeElement?.id === "mdbook-searchbar");
        await tab.keyboard.type(word);
        const found = await tab
            .waitForFunction(() => document.querySelectorAll("#mdbook-searchresults li").length > 0, { timeout: 10000 })
            .then(() => true, () => false);
        expect(where, found, `a search does not find "${word}"`);
        await tab.close();
    }
}

async function checkSidebar(browser) {
    const { tab, where } = await open(browser, "index.html", { width: 320 });
    const opened = () => tab.$eval("#mdbook-sidebar-toggle-anchor", (box) => box.checked);
    const before = await opened();
    await tab.focus("button[aria-controls=mdbook-sidebar]");
    await tab.keyboard.press("Enter");
    expect(where, (await opened()) !== before, "no key opens the sidebar");
    await tab.close();
}

const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--allow-file-access-from-files"],
});
try {
    const all = await pagesOf(root);
    // The table of contents is a part of pages without a script, and the print page is all pages in one.
    const pages = all.filter((page) => !["toc.html", "print.html"].includes(page));
    let heaviest = { kilobytes: 0 };
    for (const page of pages) {
        const weight = await checkPage(browser, page);
        if (weight.kilobytes > heaviest.kilobytes) heaviest = weight;
    }
    const has = (page, what) => readFileSync(path.join(root, page), "utf8").includes(what);
    const sliders = pages.filter((page) => has(page, 'class="crashes"'));
    for (const page of sliders) await checkSlider(browser, page);
    const quizzes = pages.filter((page) => has(page, 'class="quiz"'));
    for (const page of quizzes) await checkQuiz(browser, page);
    await checkSearch(browser, ["zombie", "TransactionConflict", "at-least-once"]);
    await checkSidebar(browser);
    const { tab } = await open(browser, "print.html");
    await tab.close();
    console.log(`${pages.length} pages in two themes and at 320 px, ${sliders.length} with a slider, ${quizzes.length} with quizzes; the heaviest page, ${heaviest.page}, weighs ${heaviest.kilobytes} KB`);
} finally {
    await browser.close();
}
for (const text of problems) console.error(text);
if (problems.length > 0) {
    console.error(`${problems.length} problems`);
    process.exit(1);
}
