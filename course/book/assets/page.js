// What mdBook's page lacks for readers without a mouse or without eyes: a landmark around the menu bar, a button that
// opens the sidebar by key, and code that can be scrolled by key.
"use strict";

(() => {
    document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");

    // mdBook's own is a label, which no key reaches. It stays, unseen: its state is told, and a click on it is what opens.
    const label = document.getElementById("mdbook-sidebar-toggle");
    if (label) {
        const button = document.createElement("button");
        for (const name of ["class", "title", "aria-label", "aria-controls"]) {
            button.setAttribute(name, label.getAttribute(name) ?? "");
            if (name.startsWith("aria-")) label.removeAttribute(name);
        }
        button.type = "button";
        button.append(...label.childNodes);
        button.addEventListener("click", () => label.click());
        const tell = () => button.setAttribute("aria-expanded", label.getAttribute("aria-expanded") ?? "false");
        tell();
        new MutationObserver(tell).observe(label, { attributeFilter: ["aria-expanded"] });
        label.style.display = "none";
        label.before(button);
    }

    const mark = () => document.querySelectorAll("pre > code, .table-wrapper, .diagram").forEach((block) => {
        if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
        else block.removeAttribute("tabindex");
    });
    mark();
    window.addEventListener("resize", mark);
    document.addEventListener("toggle", mark, true);
})();
