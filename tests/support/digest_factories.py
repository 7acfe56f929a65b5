"""Digests for tests: one as it comes in practice, builders for single pieces, and strategies for hostile ones.

The figures are invented.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from alerts.model.changes import (
    AssessedChange,
    Change,
    ChangeKind,
    Coverage,
    Decision,
    Digest,
    Figure,
    NewlyWatched,
    Series,
    Significance,
    SignificanceResult,
    SkillDetail,
    SubjectSection,
)
from alerts.model.delivery import MessageMetadata
from alerts.model.derived import DerivedFigure, DerivedSide, DerivedWatch
from alerts.model.topics import LOCATIONS_TOPIC, RANK_TOPIC, SKILLS_TOPIC, VACANCIES_TOPIC, Topic
from jobspider.model import TOP_SKILLS_LIST, Basis, FetchStatus, JobType, LedgerRow, SnapshotInfo, Subject, SubjectNames
from jobspider.site import urls

AS_OF = date(2025, 11, 23)
TOLD_AS_OF = date(2025, 11, 16)
TOLD_AT = datetime(2025, 11, 17, 7, 30, tzinfo=UTC)
CREATED_AT = datetime(2025, 11, 24, 7, 30, tzinfo=UTC)
ENVELOPE = MessageMetadata("<delivery-1@jobspider.invalid>", "<weekly.team-mail@jobspider.invalid>", CREATED_AT)


def head(
    term: str = "Backend Developer",
    region: str = "North West",
    job_type: JobType = JobType.PERMANENT,
    window: int = 6,
    subject_id: int = 1,
) -> SnapshotInfo:
    """Return the head of a snapshot of the page of a term in a region."""
    subject = Subject(job_type, region.lower(), term.lower(), window)
    return SnapshotInfo(
        snapshot_id=subject_id,
        subject_id=subject_id,
        content_id=subject_id,
        subject=subject,
        names=SubjectNames(term, "role", "Job Titles", region, "England"),
        url=urls.subject_url(subject),
        as_of=AS_OF,
        fetched_at=CREATED_AT,
        parser_version=1,
    )


def change(  # noqa: PLR0913 - a change has as many sides
    topic: str = "pay/annual",
    statistic: str = "median",
    old: Figure | None = Decimal(60000),
    new: Figure | None = Decimal(62500),
    *,
    of: SnapshotInfo | None = None,
    kind: ChangeKind = ChangeKind.MOVED,
    basis: Basis | None = Basis.ANNUAL,
    item: str | None = None,
    year_on_year: Figure | None = None,
    quotes: int | None = None,
    told_at: datetime = TOLD_AT,
) -> Change:
    """Return a change; without arguments, that of a median salary."""
    return Change(
        snapshot=of or head(),
        topic=Topic(topic),
        statistic=statistic,
        kind=kind,
        old=old,
        new=new,
        old_as_of=TOLD_AS_OF,
        baseline_notified_at=told_at,
        basis=basis,
        item=item,
        year_on_year=year_on_year,
        sample_size=quotes,
    )


def line(
    of: Change | None = None,
    verdict: Significance = Significance.CLEAR,
    because: str = "all percentiles, 112 and 116 quotes",
    standing: Decision = Decision.REPORTED,
    reason: str = "reaches its rule",
) -> AssessedChange:
    """Return a line about a change."""
    p_values = {
        Significance.CLEAR: 0.002,
        Significance.LIKELY: 0.03,
        Significance.NOISE: 0.4,
        Significance.INSUFFICIENT_DATA: None,
    }
    return AssessedChange(of or change(), SignificanceResult(verdict, p_values[verdict], because), standing, reason)


def rank(old: int = 154, new: int = 120, of: SnapshotInfo | None = None) -> Change:
    """Return a move in demand rank."""
    return change(RANK_TOPIC, "rank", old, new, of=of, basis=None, year_on_year=61, quotes=171)


def vacancies(old: int = 146, new: int = 171, of: SnapshotInfo | None = None) -> Change:
    """Return a change in the number of ads."""
    yearly = Decimal("12.5")
    return change(VACANCIES_TOPIC, "vacancies", old, new, of=of, basis=None, year_on_year=yearly, quotes=new)


def skill(
    name: str = "Azure",
    kind: ChangeKind = ChangeKind.ENTERED,
    old: Decimal | None = None,
    new: Decimal | None = Decimal("34.50"),
    of: SnapshotInfo | None = None,
    *,
    list_name: str | None = None,
    min_share_change: Decimal | None = None,
) -> Change:
    """Return a change of a skill."""
    skill_change = change(SKILLS_TOPIC, "share", old, new, of=of, kind=kind, basis=None, item=name, quotes=171)
    if list_name is None and min_share_change is None:
        return skill_change
    return replace(skill_change, detail=SkillDetail(list_name or TOP_SKILLS_LIST, (10, 59), min_share_change))


def derived(name: str = "London premium", *, is_ratio: bool = True, of: SnapshotInfo | None = None) -> Change:
    """Return a move of London's pay against the North West's."""
    here = of or head("Backend Developer", "London", subject_id=4)
    there = head(window=here.subject.window_months)
    watch = DerivedWatch(name, here.subject, there.subject, "median", is_ratio)
    pair = DerivedFigure(
        watch,
        DerivedSide(here, Basis.ANNUAL, Decimal(72500), Decimal(77500), Decimal(70000), TOLD_AS_OF, 640),
        DerivedSide(there, Basis.ANNUAL, Decimal(60000), Decimal(62000), Decimal(57500), TOLD_AS_OF, 116),
    )
    moved = change(watch.topic, pair.statistic, pair.old, pair.new, of=here, basis=None if is_ratio else Basis.ANNUAL)
    return replace(moved, detail=pair, year_on_year=pair.year_on_year, sample_size=116)


def contracting() -> DerivedFigure:
    """Return a day rate against a salary."""
    here, there = head("Backend Developer", "London", JobType.CONTRACT), head("Backend Developer", "London")
    return DerivedFigure(
        DerivedWatch("Contracting", here.subject, there.subject, "median", is_ratio=True, days_a_year=220),
        DerivedSide(here, Basis.DAILY, Decimal(475), Decimal(500), None, TOLD_AS_OF, 200),
        DerivedSide(there, Basis.ANNUAL, Decimal(75000), Decimal(75000), None, TOLD_AS_OF, 300),
    )


def with_derived() -> Digest:
    """Return the digest as it comes in practice, with derived watches in every part of it."""
    told, new = derived(), derived("Manchester discount", is_ratio=False)
    digest = sample()
    assert new.derived is not None
    assert new.new is not None
    assert digest.coverage is not None
    because = "all percentiles of both pages, 640 and 116 quotes"
    first = NewlyWatched(new.snapshot, (new.topic,), new.basis, {new.statistic: new.new}, (), derived=new.derived)
    nearly = line(
        derived("Nearly"), Significance.LIKELY, because, Decision.BELOW_THRESHOLD, "80% of what its rule asks"
    )
    chance = line(derived("Chance"), Significance.NOISE, because, Decision.SUPPRESSED, because)
    return replace(
        digest,
        groups=(*digest.groups, SubjectSection(told.snapshot, (line(told, because=because),))),
        watching=(*digest.watching, first),
        below_threshold=(*digest.below_threshold, nearly),
        suppressed=(*digest.suppressed, chance),
        coverage=replace(digest.coverage, not_compared=("Contracting",)),
    )


def location(name: str = "Manchester", of: SnapshotInfo | None = None) -> Change:
    """Return a move of a location's median salary."""
    return change(LOCATIONS_TOPIC, "median", Decimal(65000), Decimal(70000), of=of, item=name, quotes=64)


def failure(subject: Subject | None = None, status: FetchStatus = FetchStatus.NOT_FOUND, reason: str = "") -> LedgerRow:
    """Return a page that could not be read."""
    of = subject or head("Backend Developer", "City of London", JobType.CONTRACT).subject
    http_status = {FetchStatus.NOT_FOUND: 404, FetchStatus.BLOCKED: 403}.get(status)
    return LedgerRow(urls.subject_url(of), of, status, http_status, reason, CREATED_AT)


def coverage(
    read: int = 4, unchanged: int = 6, failed: tuple[LedgerRow, ...] = (), not_looked: tuple[Subject, ...] = ()
) -> Coverage:
    """Return a coverage that adds up."""
    watched = read + unchanged + len(failed) + len(not_looked)
    return Coverage(watched, read, unchanged, failed, not_looked, date(2025, 11, 20) if read + unchanged else None)


def quiet(of: Coverage | None = None) -> Digest:
    """Return a digest with nothing to tell."""
    looked = of or coverage()
    headline = "Nothing moved beyond chance" if looked.oldest_as_of else "Nothing could be read"
    return Digest("weekly", CREATED_AT, headline, (), (), (), (), looked)


def sample() -> Digest:
    """Return a digest as it comes in practice, with everything in it."""
    here = head()
    london = head("Backend Developer", "London", JobType.CONTRACT, subject_id=2)
    midlands = head("Junior Backend Developer", "West Midlands", subject_id=3)
    first = SubjectSection(
        here,
        (
            line(change(of=here, year_on_year=Decimal("8.70"), quotes=116)),
            line(change("pay/annual", "p75", Decimal(72500), Decimal(77500), of=here, quotes=116)),
            line(rank(of=here), Significance.LIKELY, "its share moved with it"),
            line(skill(of=here), because="146 and 171 ads"),
            line(
                skill("Jenkins", ChangeKind.LEFT, Decimal("18.49"), Decimal("11.70"), here), because="146 and 171 ads"
            ),
            line(
                skill("Python", ChangeKind.MOVED, Decimal("41.10"), Decimal("47.37"), here), because="146 and 171 ads"
            ),
        ),
    )
    day_rate = change(
        "pay/daily",
        "median",
        Decimal(575),
        Decimal(550),
        of=london,
        basis=Basis.DAILY,
        year_on_year=Decimal("-8.33"),
        quotes=214,
    )
    second = SubjectSection(
        london,
        (
            line(day_rate, because="all percentiles, 205 and 214 quotes"),
            line(vacancies(262, 231, london), Significance.LIKELY, "counts of ads"),
        ),
    )
    cheshire = line(
        location("Cheshire", here),
        Significance.INSUFFICIENT_DATA,
        "8 ads, fewer than 10",
        Decision.SUPPRESSED,
        "8 ads, fewer than 10",
    )
    chance = "others moved: its own share stayed within chance"
    return Digest(
        name="weekly",
        created_at=CREATED_AT,
        headline="Backend Developer pay in the North West is up £2,500 to £62,500; 7 more changes",
        groups=(first, second),
        watching=(
            NewlyWatched(
                midlands,
                tuple(map(Topic, ("pay/annual", "rank", "vacancies", "skills"))),
                Basis.ANNUAL,
                {
                    "median": Decimal(32500),
                    "p25": Decimal(28750),
                    "p75": Decimal(37500),
                    "quotes": 19,
                    "rank": 402,
                    "vacancies": 24,
                },
                ("C#", ".NET", "SQL", "Azure", "Git"),
            ),
        ),
        below_threshold=(
            line(
                vacancies(of=here),
                Significance.LIKELY,
                "counts of ads",
                Decision.BELOW_THRESHOLD,
                "86% of what its rule asks",
            ),
        ),
        suppressed=(cheshire, line(rank(310, 322, london), Significance.NOISE, chance, Decision.SUPPRESSED, chance)),
        coverage=coverage(failed=(failure(),), not_looked=(head("Backend Developer", "Midlands").subject,)),
        notes=("IT Jobs Watch restated last year's figures for Backend Developer, London: no alert rests on them.",),
    )


def series(
    statistic: str = "median", basis: Basis | None = Basis.ANNUAL, first: int = 60_000, step: int = 625
) -> Series:
    """Return half a year of weekly figures that move every sixth week."""
    weeks = (AS_OF - timedelta(weeks=back) for back in range(25, -1, -1))
    return Series(statistic, basis, tuple((at, Decimal(first + week // 6 * step)) for week, at in enumerate(weeks)))


def with_history() -> Digest:
    """Return the digest as it comes in practice, with what is known of how its first figures came about."""
    first, second = sample().groups
    histories = (series(), series("median", Basis.DAILY, 590, -10))
    groups = tuple(replace(group, series=each) for group, each in zip((first, second), histories, strict=True))
    return replace(sample(), groups=groups)


def notice() -> Digest:
    """Return a notice to the operator."""
    said = ("The reason: every recipient was refused: team@example.org (550 no such user)", "Nothing is lost.")
    return Digest("operator.weekly.mail", CREATED_AT, "It could not be delivered", (), (), (), (), None, said)


HOSTILE = (
    "<script>alert(1)</script>",
    "<!channel> & <https://evil.example|click>",
    "a\r\nBcc: everyone@evil.example",
    "\N{RIGHT-TO-LEFT OVERRIDE}reversed\N{POP DIRECTIONAL FORMATTING}",
    "\x00\x1b[31mred\x07\x85\N{LINE SEPARATOR}",
    "\ud800lone surrogate",
    "\N{PILE OF POO}" * 200,
    "&" * 300,
    "x" * 10_000,
    "\N{ZERO WIDTH SPACE}",
    "{{ digest }} {% raw %} *bold* _it_ `code` %s",
    "",
    "C#",
)

names = st.sampled_from(HOSTILE) | st.text(max_size=40)
_money = st.decimals(0, 999_999, places=2)
_shares = st.decimals(0, 100, places=3)
_counts = st.integers(0, 99_999)


@st.composite
def heads(draw: st.DrawFn) -> SnapshotInfo:
    """Return heads whose names may be anything."""
    of = head(window=draw(st.sampled_from((3, 6))), job_type=draw(st.sampled_from(JobType)))
    term, region = draw(names), draw(names)
    subject = replace(of.subject, term=term, region=region)
    url = draw(st.sampled_from((of.url, "javascript:alert(1)", 'https://x.example/"><b>', f"https://x.example/{term}")))
    return replace(of, subject=subject, names=replace(of.names, term_name=term, region_name=region), url=url)


@st.composite
def changes(draw: st.DrawFn, of: SnapshotInfo | None = None) -> Change:
    """Return changes of every topic, kind and basis."""
    of, kind = of or draw(heads()), draw(st.sampled_from(ChangeKind))
    topic, statistic, basis, item, figures = draw(
        st.one_of(
            st.sampled_from(Basis).flatmap(
                lambda basis: st.tuples(
                    st.just(f"pay/{basis}"),
                    st.sampled_from(("median", "p10", "p25", "p75", "p90")),
                    st.just(basis),
                    st.none(),
                    st.just(_money),
                )
            ),
            st.sampled_from(("rank", "vacancies")).flatmap(
                lambda topic: st.tuples(st.just(topic), st.just(topic), st.none(), st.none(), st.just(_counts))
            ),
            st.tuples(st.just("skills"), st.just("share"), st.none(), names, st.just(_shares)),
            st.tuples(st.just("locations"), st.just("median"), st.sampled_from(Basis), names, st.just(_money)),
        )
    )
    if draw(st.integers(0, 5)) == 0:
        return derived(draw(names), is_ratio=draw(st.booleans()), of=of)
    return change(
        topic,
        statistic,
        draw(st.none() | figures),
        draw(st.none() | figures),
        of=of,
        kind=kind,
        basis=basis,
        item=item,
        year_on_year=draw(st.none() | _money),
        quotes=draw(st.none() | _counts),
        told_at=draw(st.sampled_from((TOLD_AT, CREATED_AT))),
    )


def lines(of: SnapshotInfo | None = None) -> st.SearchStrategy[AssessedChange]:
    """Return lines about such changes."""
    return st.builds(line, changes(of), st.sampled_from(Significance), names, st.sampled_from(Decision), names)


@st.composite
def groups(draw: st.DrawFn) -> SubjectSection:
    """Return groups; some are repeated until they are far too long for any message."""
    of = draw(heads())
    few = draw(st.lists(lines(of), min_size=1, max_size=3))
    history = draw(st.none() | st.sampled_from((series(), series("rank", None, 90, -5))))
    return SubjectSection(of, tuple(few * draw(st.sampled_from((1, 1, 4, 30)))), history)


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """Return digests of any size whose every name may be hostile."""
    many = st.sampled_from((1, 1, 5, 30))
    watching = st.builds(
        NewlyWatched,
        heads(),
        st.just(("pay/annual", "skills")),
        st.none() | st.sampled_from(Basis),
        st.dictionaries(st.sampled_from(("median", "p90", "quotes", "rank", "vacancies")), _counts),
        st.lists(names, max_size=5).map(tuple),
    )
    rows = st.builds(
        LedgerRow,
        names,
        st.none() | heads().map(lambda of: of.subject),
        st.sampled_from(FetchStatus),
        st.none() | st.sampled_from((200, 404, 503)),
        names,
        st.none(),
    )
    failed = tuple(draw(st.lists(rows, max_size=2)) * draw(many))
    not_looked = tuple(draw(st.lists(heads().map(lambda of: of.subject), max_size=2)) * draw(many))
    return Digest(
        name=draw(names),
        created_at=CREATED_AT,
        headline=draw(names),
        groups=tuple(draw(st.lists(groups(), max_size=3)) * draw(many)),
        watching=tuple(draw(st.lists(watching, max_size=2)) * draw(many)),
        below_threshold=tuple(draw(st.lists(lines(), max_size=2)) * draw(many)),
        suppressed=tuple(draw(st.lists(lines(), max_size=2)) * draw(many)),
        coverage=draw(st.sampled_from((coverage(draw(_counts), draw(_counts), failed, not_looked), None))),
        notes=tuple(draw(st.lists(names, max_size=2)) * draw(many)),
    )
