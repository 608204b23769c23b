"""What must hold after every fault: quota, ledger, rows, pictures, and what the server paid."""

from tests.hf_server import Control
from tests.real.studio import Studio

FINAL = "('generation.succeeded', 'generation.failed', 'generation.cancelled')"


def assert_books_balance(studio: Studio) -> None:
    """Every reservation is settled once, counters and ledger agree, outputs and pictures are one to one."""
    [(used, reserved)] = studio.rows("SELECT coalesce(sum(used), 0), coalesce(sum(reserved), 0) FROM accounts_usage")
    [(moved,)] = studio.rows("SELECT coalesce(sum(amount), 0) FROM accounts_ledgerentry")
    [(images,)] = studio.rows("SELECT count(*) FROM gallery_image WHERE origin = 'generated'")
    [(outputs,)] = studio.rows("SELECT count(*) FROM generator_output WHERE image_id IS NOT NULL")
    [(unsettled,)] = studio.rows(
        "SELECT count(*) FROM generator_generation g WHERE finished_at IS NULL OR status NOT IN "
        "('succeeded', 'failed', 'cancelled')"
    )
    kinds = dict(studio.rows("SELECT kind, count(*) FROM accounts_ledgerentry GROUP BY kind"))
    assert (reserved, unsettled) == (0, 0)
    assert used == moved == images == outputs
    assert kinds.get("reserve") == kinds.get("settle")
    assert_nothing_is_left_over(studio)
    media = studio.folder / "data" / "media"
    for (path,) in studio.rows("SELECT path FROM gallery_image"):
        assert (media / path).is_file()


def assert_nothing_is_left_over(studio: Studio) -> None:
    """Nothing moved twice, nobody was told twice of one end, and no finished generation still waits for a provider."""
    [(generations,)] = studio.rows("SELECT count(*) FROM generator_generation")
    [(ends, told)] = studio.rows(f"SELECT count(*), count(DISTINCT reference) FROM events_event WHERE name IN {FINAL}")
    [(moves, references)] = studio.rows("SELECT count(*), count(DISTINCT reference) FROM accounts_ledgerentry")
    [(pictures,)] = studio.rows("SELECT count(*) FROM events_event WHERE name = 'image.created'")
    [(images,)] = studio.rows("SELECT count(*) FROM gallery_image WHERE origin = 'generated'")
    assert ends == told == references == generations
    assert moves == 2 * references
    assert pictures == images
    assert studio.rows("SELECT id FROM generator_output WHERE CAST(job AS text) <> 'null'") == []
    assert studio.rows("SELECT worker, lease_until FROM generator_generation WHERE worker <> ''") == []


def assert_server_paid(studio: Studio, hf: Control, *, doubtful: int = 0) -> None:
    """The server's spending counts each picture that was made for it, and `doubtful` calls of which nobody knows
    whether one was; no call broke a rule."""
    assert server_paid(studio) == hf.created(token="good") + doubtful
    assert hf.faults == []


def server_paid(studio: Studio) -> int:
    """Pictures that the server's token has paid, as the studio counts."""
    [(spent,)] = studio.rows("SELECT coalesce(sum(images), 0) FROM accounts_serverspending")
    return int(spent)
