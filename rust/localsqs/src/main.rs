//! `payflow-localsqs`: the server as a command of its own.

use std::error::Error;
use std::io::{Write as _, stdout};
use std::process::ExitCode;

use lexopt::{Arg, Parser, ValueExt as _};
use payflow_localsqs::faults::FaultSettings;
use payflow_localsqs::{Options, serve};

const USAGE: &str = "\
payflow-localsqs: an SQS-compatible server for one machine, in memory

  --host ADDRESS            address to listen on (127.0.0.1)
  --port PORT               port to listen on; 0 takes a free one (0)
  --base-url URL            what queue URLs start with (the Host header of each request)
  --faults JSON             fault switches at the start (none)
  --snapshot FILE           keeps queues over a clean stop (nowhere)
  --memory-cap-bytes BYTES  memory for the messages of all queues (4 GiB)

Prints `ready http://ADDRESS:PORT` once it answers. SIGTERM or SIGINT stops it.
";

fn main() -> ExitCode {
    match options().and_then(|options| options.map_or(Ok(()), |options| run(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("payflow-localsqs: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let announce = |address| {
        // Without a reader of the line the server is still of use.
        let _ = writeln!(stdout(), "ready http://{address}").and_then(|()| stdout().flush());
    };
    Ok(serve(options, announce)?)
}

/// What the command line asks for; `None` after the usage was printed.
fn options() -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options::default();
    let mut parser = Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("base-url") => options.base_url = Some(parser.value()?.string()?),
            Arg::Long("faults") => {
                options.faults = FaultSettings::parse(parser.value()?.string()?.as_bytes())?;
            }
            Arg::Long("host") => options.host = parser.value()?.parse()?,
            Arg::Long("memory-cap-bytes") => options.memory_cap_bytes = parser.value()?.parse()?,
            Arg::Long("port") => options.port = parser.value()?.parse()?,
            Arg::Long("snapshot") => options.snapshot_path = Some(parser.value()?.into()),
            Arg::Long("help") | Arg::Short('h') => {
                print!("{USAGE}");
                return Ok(None);
            }
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    Ok(Some(options))
}
