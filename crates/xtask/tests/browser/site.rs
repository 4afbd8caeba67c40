//! A small web site that the browser is tried on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) method: String,
    pub(crate) path: String,
    /// All fields, names in lower case.
    pub(crate) fields: String,
    pub(crate) body: String,
}

/// What is sent back.
pub(crate) struct Answer {
    status: u16,
    fields: String,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn page(body: &str) -> Self {
        Self {
            status: 200,
            fields: "Content-Type: text/html; charset=utf-8\r\n".to_owned(),
            body: body.as_bytes().to_vec(),
        }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields += &format!("{name}: {value}\r\n");
        self
    }

    pub(crate) fn to(path: &str) -> Self {
        Self { status: 303, fields: format!("Location: {path}\r\n"), body: Vec::new() }
    }

    pub(crate) fn file(name: &str, body: &[u8]) -> Self {
        let fields = format!(
            "Content-Type: application/octet-stream\r\n\
             Content-Disposition: attachment; filename*=UTF-8''{name}\r\n"
        );
        Self { status: 200, fields, body: body.to_vec() }
    }
}

/// A server on 127.0.0.1 that lasts as long as the process.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    address: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Site {
    /// Answers requests by their path, the icon that browsers ask for aside.
    pub(crate) fn start(answer: impl Fn(&Came) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let came = Arc::new(Mutex::new(Vec::new()));
        let site = Self { address, came: Arc::clone(&came) };
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, came) = (Arc::clone(&answer), Arc::clone(&came));
                // A browser opens connections that it may never use.
                std::thread::spawn(move || {
                    if let Some(request) = read(&stream) {
                        came.lock().unwrap().push(request.clone());
                        let missing = || Answer::page("<p>missing").status(404);
                        write(&stream, &answer(&request).unwrap_or_else(missing));
                    }
                });
            }
        });
        site
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Came> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut fields = String::new();
    loop {
        let mut field = String::new();
        stream.read_line(&mut field).ok()?;
        if field.trim().is_empty() {
            break;
        }
        let (name, value) = field.split_once(':')?;
        fields += &format!("{}:{value}", name.to_ascii_lowercase());
    }
    let length = fields.lines().find_map(|field| field.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Came { method, path, fields, body: String::from_utf8(body).ok()? })
}

fn write(mut stream: &TcpStream, answer: &Answer) {
    let head = format!(
        "HTTP/1.1 {} Status\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        answer.status,
        answer.body.len(),
        answer.fields
    );
    // The browser may have gone meanwhile.
    let _ = stream.write_all(&[head.as_bytes(), &answer.body].concat());
}
