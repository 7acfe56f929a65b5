"""What a page says does not depend on how it is marked up."""

import re
from collections.abc import Callable

import pytest
from lxml import etree

from tests.support.saved_pages import SAVED, SavedPage, as_body, data_rows, parent_of


def without_classes_and_ids(tree: etree._Element) -> None:
    for element in tree.iter():
        for name in ("class", "id", "style", "title", "role"):
            element.attrib.pop(name, None)


def reindented(tree: etree._Element) -> None:
    """Put white space wherever a tool may: between blocks, never inside a line."""
    for element in tree.iter("tr", "td", "th", "table", "div", "p", "ul", "li"):
        if element.tag in ("tr", "table", "ul"):
            element.text = "\n\t\t  " + (element.text or "")
        element.tail = (element.tail or "") + "\n   \t"


def wrapped_in_tables(tree: etree._Element) -> None:
    for table in list(tree.iter("table")):
        outer = etree.fromstring("<table><tbody><tr><td> </td><td>\n</td></tr></tbody></table>")
        tail, table.tail = table.tail, None
        parent_of(table).replace(table, outer)
        outer[0][0][1].append(table)
        outer.tail = tail


def with_sup(tree: etree._Element) -> None:
    for row in data_rows(tree):
        for cell in row:
            found = re.fullmatch(r"(\d+)(th)( Percentile)", (cell.text or "").strip())
            if found:
                cell.text = found[1]
                sup = etree.SubElement(cell, "sup")
                sup.text, sup.tail = found[2], found[3]


def with_bodies(tree: etree._Element) -> None:
    """Let the rows of every table stand in a tbody, with label cells as th."""
    for table in list(tree.iter("table")):
        body = etree.Element("tbody")
        body.extend(list(table))
        table.append(body)
    for row in data_rows(tree):
        if len(row):
            row[0].tag = "th"
            row[0].set("scope", "row")


def with_hard_spaces(tree: etree._Element) -> None:
    for row in data_rows(tree):
        for cell in row:
            cell.text = cell.text and "\N{NO-BREAK SPACE}" + cell.text.replace(" ", "\N{NO-BREAK SPACE}")


def with_inline_markup(tree: etree._Element) -> None:
    for row in data_rows(tree):
        for cell in row:
            if len(cell) == 0:
                inner = etree.SubElement(cell, "span")
                inner.text, cell.text = cell.text, None


def with_comments(tree: etree._Element) -> None:
    for row in data_rows(tree):
        for cell in row:
            cell.append(etree.Comment(" 12,345 £99 "))


def in_one_form(tree: etree._Element) -> None:
    """Let the whole page stand in one form, as pages of this server often do."""
    (body,) = tree.iter("body")
    form = etree.Element("form")
    form.extend(list(body))
    body.append(form)


def with_scripts(tree: etree._Element) -> None:
    for row in data_rows(tree):
        for cell in row:
            etree.SubElement(cell, "script").text = "var rank = 1;"


CHANGES = (
    *(without_classes_and_ids, reindented, wrapped_in_tables, with_sup, with_bodies, with_hard_spaces),
    *(with_inline_markup, with_comments, in_one_form, with_scripts),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_markup_change_gives_same_document(change: Callable[[etree._Element], None]) -> None:
    changed = 0
    for saved in SAVED:
        tree = saved.tree()
        change(tree)
        body = as_body(tree)
        changed += body != as_body(saved.tree())
        assert saved.accepted(body) == saved.truth(), saved.name
    assert changed >= len(SAVED) // 2


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)
def test_markup_changes_combined_give_same_document(saved: SavedPage) -> None:
    tree = saved.tree()
    for change in CHANGES:
        change(tree)
    assert saved.accepted(as_body(tree)) == saved.truth()


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)
@pytest.mark.parametrize("pound", ["£", "&pound;", "&#163;", "&#xA3;"])
def test_pound_sign_encodings_give_same_page(saved: SavedPage, pound: str) -> None:
    text = re.sub(r"£|&#163;|&pound;", pound, saved.body.decode("utf-8"))
    assert saved.accepted(text) == saved.truth()


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.name)
@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16"])
def test_page_is_decoded_with_declared_encoding(saved: SavedPage, encoding: str) -> None:
    text = saved.body.decode("utf-8").replace("&#163;", "£").replace('charset="utf-8"', f'charset="{encoding}"')
    assert saved.accepted(text.encode(encoding)) == saved.truth()
