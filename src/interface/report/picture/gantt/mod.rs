//! A run as SVG pictures of bars over time, by wave and by server: no script, no outside font, readable
//! on light and dark ground. The signs of activities differ in shape as well as in colour.

mod axis;
mod lanes;
mod servers;
mod waves;

use std::fmt::Write as _;
use std::time::Duration;

pub(in crate::interface::report) use self::servers::servers_svg;
pub(in crate::interface::report) use self::waves::waves_svg;
use super::elements::{Area, attributes, escaped, number};
use crate::insight::{Activity, Stretch};

/// The width of a picture, in its own units; it is scaled to the page.
const WIDTH: f64 = 1200.0;
/// Above the first row: the numbers of the axis.
const HEAD: f64 = 24.0;
/// The title of a wave or a server.
const TITLE: f64 = 26.0;
const ROW: f64 = 22.0;
/// How high a bar is in its row.
const BAR: f64 = 14.0;
/// Whatever happened is as wide as this, so that it is seen.
const LEAST: f64 = 1.5;

/// What the pictures need of a style sheet. Classes rather than attributes, so that a dark ground can be
/// answered.
pub(in crate::interface::report) const STYLE: &str = "\
svg text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;fill:#1f2328}
svg .name{font-size:13px;font-weight:600}svg .small{font-size:11px;fill:#59636e}
svg .task{font-size:12px}svg .task.critical{font-weight:600;fill:#b3400a}
svg .in{font-size:11px;fill:#ffffff}
.band{fill:#f3f5f7}.grid{stroke:#d5dae0;stroke-width:1}
.work{fill:#1f6feb}.queue{fill:#a6afb9}.limit{fill:#7d8590}.load{fill:#c98500}.retry{fill:#cf222e}
.person{fill:none;stroke:#8250df;stroke-width:1.5}.other{fill:#59636e}
.inside{fill:none;stroke:#818b98;stroke-width:1.2}.path{fill:#c2410c}
@media (prefers-color-scheme:dark){svg text{fill:#e6edf3}svg .small{fill:#9198a1}
svg .task.critical{fill:#fb8f44}svg .in{fill:#ffffff}.band{fill:#151b23}.grid{stroke:#2f363d}
.work{fill:#3b7de0}.queue{fill:#6e7681}.limit{fill:#9aa4af}.load{fill:#d29922}.retry{fill:#f85149}.person{stroke:#a371f7}
.other{fill:#9198a1}.path{fill:#fb8f44}}
";

/// Where time is in a picture.
#[derive(Debug, Clone, Copy)]
struct Field {
    left: f64,
    width: f64,
    whole: Duration,
}

impl Field {
    fn x(self, moment: Duration) -> f64 {
        if self.whole.is_zero() {
            return self.left;
        }
        self.left + self.width * (moment.as_secs_f64() / self.whole.as_secs_f64()).min(1.0)
    }

    /// The place of a stretch in the row at `y`, its middle being that of the row.
    fn area(self, from: Duration, until: Duration, y: f64, height: f64) -> Area {
        let x = self.x(from);
        // A little less, so that what follows at once is seen to be something else.
        let width = (self.x(until) - x - 0.8).max(LEAST);
        Area { x, y: y + (ROW - height) / 2.0, width, height }
    }
}

/// Begins a picture that a reader's software reads out as its title.
fn begin(id: &str, title: &str, height: f64, svg: &mut String) {
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" \
         height=\"{1}\" role=\"img\" aria-labelledby=\"{id}\">\n<title id=\"{id}\">{2}</title>",
        number(WIDTH),
        number(height),
        escaped(title)
    );
}

/// Draws a stretch with its sign: heights and outlines tell activities apart where colours do not.
fn stretch(field: Field, stretch: &Stretch, y: f64, title: &str, svg: &mut String) {
    let height = match stretch.activity {
        Activity::Queue => 3.0,
        Activity::Limit => 9.0,
        Activity::Other => 6.0,
        Activity::Load => BAR - 4.0,
        Activity::Work | Activity::Retry | Activity::Person => BAR,
    };
    let area = field.area(stretch.from, stretch.until, y, height);
    let class = stretch.activity.as_str();
    let title = escaped(title);
    let _ =
        writeln!(svg, "<rect class=\"{class}\" {}><title>{title}</title></rect>", attributes(area));
    if stretch.activity == Activity::Retry && area.width >= 6.0 {
        crossed(area, svg);
    }
}

/// A cross through a bar: what it shows came to nothing.
fn crossed(area: Area, svg: &mut String) {
    let Area { x, y, width, height } = area;
    let (middle, arm) = (x + width / 2.0, height / 2.0 - 3.0);
    let (left, right) = (number(middle - arm), number(middle + arm));
    let (top, bottom) = (number(y + 3.0), number(y + height - 3.0));
    let _ = writeln!(
        svg,
        "<path d=\"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}\" stroke=\"#ffffff\" \
         stroke-width=\"1.6\"/>"
    );
}

/// What the signs mean, as a picture of one line.
pub(in crate::interface::report) fn legend_svg() -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 930 22\" width=\"930\" height=\"22\" \
         role=\"img\" aria-label=\"What the signs mean\">\n",
    );
    let field = Field { left: 0.0, width: 930.0, whole: Duration::from_secs(930) };
    let second = Duration::from_secs;
    for (from, activity) in (0..).step_by(105).zip(Activity::ALL) {
        let sign = Stretch { activity, from: second(from), until: second(from + 24) };
        stretch(field, &sign, 0.0, activity.as_str(), &mut svg);
        let x = from + 32;
        let word = activity.as_str();
        let _ = writeln!(svg, "<text class=\"task\" x=\"{x}\" y=\"15\">{word}</text>");
    }
    svg.push_str(
        "<path class=\"path\" d=\"M741 4L746 11L741 18Z\"/>\n<text class=\"task critical\" x=\"753\" y=\"15\">on the critical path</text>\n</svg>\n",
    );
    svg
}
