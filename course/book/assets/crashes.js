// The crash slider: where a page has recorded crashes as tables, the reader moves along the calls of each instead.
// The tables stay on the page, folded: all that is shown here is read from them.
"use strict";

(() => {
    const element = (name, attributes = {}, ...children) => {
        const made = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
        made.append(...children);
        return made;
    };

    const read = (table) => ({
        title: table.querySelector("caption strong").textContent,
        what: table.querySelector("caption span").textContent,
        rows: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    });

    // A card: what is in the tables at a moment.
    const card = (heading) => {
        const values = ["balances", "remembered", "position"].map((label) => {
            const value = element("dd");
            return { label: element("dt", {}, label), value };
        });
        const list = element("dl", {}, ...values.flatMap(({ label, value }) => [label, value]));
        const title = element("p", { class: "crash-when" }, heading);
        const whole = element("div", { class: "crash-card" }, title, list);
        const fill = (texts) => texts.forEach((text, index) => { values[index].value.textContent = text; });
        return { whole, title, fill };
    };

    const slider = (section, number) => {
        const recordings = [...section.querySelectorAll("table")].map(read);
        let shown = recordings[0];

        const name = `crashes-${number}`;
        const choice = element("fieldset", { class: "crash-choice" }, element("legend", {}, "Processor"));
        recordings.forEach((recording, index) => {
            const id = `${name}-${index}`;
            const radio = element("input", { type: "radio", name, id, autocomplete: "off" });
            radio.checked = index === 0;
            radio.addEventListener("change", () => { shown = recording; showRecording(); });
            choice.append(element("span", {}, radio, element("label", { for: id }, recording.title)));
        });

        const what = element("p", { class: "crash-what" });
        const line = element("div", { class: "crash-line", "aria-hidden": "true" });
        const range = element("input", {
            type: "range", id: `${name}-range`, min: "0", step: "1", value: "0", autocomplete: "off",
        });
        const label = element("label", { for: range.id }, "Move to choose the call after which the worker dies");
        const call = element("p", { class: "crash-call" });
        const then = card("When it dies");
        const end = card("After the restart, in the end");
        const verdict = element("p", { class: "crash-verdict" });
        const told = element("div", { class: "crash-told", role: "status" },
            call, element("div", { class: "crash-cards" }, then.whole, end.whole), verdict);

        const showCrash = () => {
            const at = Number(range.value);
            const row = shown.rows[at];
            const calls = shown.rows.length - 1;
            const made = row[0].replace(/^\d+ /, "");
            const lives = at === 0;
            const text = lives ? "Nothing happens to it." : `It dies after call ${at} of ${calls}: ${made}`;
            call.textContent = text;
            range.setAttribute("aria-valuetext", text);
            then.whole.hidden = lives;
            end.title.textContent = lives ? "In the end" : "After the restart, in the end";
            then.fill(row.slice(1, 4));
            end.fill(row.slice(4, 7));
            const sound = row[7] === "sound";
            verdict.textContent = `${sound ? "✓" : "✗"} ${row[7]}`;
            verdict.classList.toggle("is-sound", sound);
            [...line.children].forEach((cell, index) => cell.classList.toggle("is-made", lives || index < at));
        };

        const showRecording = () => {
            what.textContent = `${shown.title}: ${shown.what}`;
            range.max = String(shown.rows.length - 1);
            // The first crash that something comes of: the reader sees at once what this is about.
            const bad = shown.rows.findIndex((row, index) => index > 0 && row[7] !== shown.rows[0][7]);
            range.value = String(bad < 0 ? shown.rows.length - 1 : bad);
            line.replaceChildren(...shown.rows.slice(1).map((row, index) => {
                const reads = /^\d+ (Get|Query|Scan|BatchGet)/.test(row[0]);
                const cell = element("span", { class: reads ? "reads" : "writes", title: row[0] });
                cell.addEventListener("click", () => { range.value = String(index + 1); showCrash(); range.focus(); });
                return cell;
            }));
            showCrash();
        };

        range.addEventListener("input", showCrash);
        const legend = element("p", { class: "crash-legend", "aria-hidden": "true" },
            element("span", { class: "reads" }), " a call that reads ",
            element("span", { class: "writes" }), " a call that writes");
        const whole = element("div", { class: "crash-slider" });
        if (recordings.length > 1) whole.append(choice);
        whole.append(what, line, range, label, legend, told);

        const tables = element("details", {}, element("summary", {}, "All crashes as a table"));
        tables.append(...section.children);
        section.append(whole, tables);
        showRecording();
    };

    document.querySelectorAll("section.crashes").forEach(slider);
})();
